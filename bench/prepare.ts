/** Installs what the benchmarks need and the product does not, where it is missing. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** What a run leaves behind: git and npm pass it over. */
export const cache = join(folder, '.cache');

/** Fastify and Express into bench/node_modules, FastAPI into a Python venv, wrk onto the machine. */
export function prepare(): void {
  mkdirSync(cache, { recursive: true });
  if (!existsSync(join(folder, 'node_modules'))) run('npm', ['ci', '--prefix', folder]);
  prepareVenv(join(cache, 'venv'));
  if (!isInstalled('wrk')) run('apt-get', ['install', '--yes', '--no-install-recommends', 'wrk']);
}

function prepareVenv(venv: string): void {
  if (existsSync(join(venv, 'bin', 'uvicorn'))) return;
  rmSync(venv, { recursive: true, force: true });
  run('python3', ['-m', 'venv', venv]);
  const pip = join(venv, 'bin', 'pip');
  run(pip, ['install', '--quiet', '--disable-pip-version-check', '-r', join(folder, 'requirements.txt')]);
}

function isInstalled(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function run(command: string, args: string[]): void {
  console.error(`$ ${command} ${args.join(' ')}`);
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}
