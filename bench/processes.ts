/** Processes of the benchmark and what they cost, read from /proc: Linux only. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export type Usage = { cpuSeconds: number; rssMiB: number };

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts a process that is ended with this one. Its output is thrown away, unless it is piped; its errors are shown if it fails. */
export function start(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; stdout?: 'ignore' | 'pipe'; ipc?: boolean },
): ChildProcess {
  const { env, cwd, stdout = 'ignore', ipc = false } = options;
  const stdio = ['ignore', stdout, 'pipe', ...(ipc ? (['ipc'] as const) : [])] as const;
  const child = spawn(command, args, {
    ...(cwd && { cwd }),
    env: { ...process.env, ...env },
    stdio: [...stdio],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk).slice(-4_000)));
  running.add(child);
  child.once('exit', (code) => {
    running.delete(child);
    if (code) console.error(`${command} ${args.join(' ')} ended with ${code}:\n${said}`);
  });
  return child;
}

/** Ends the process and its descendants (npm passes no signal on) and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  const tree = treeOf(child.pid);
  signalAll(tree, 'SIGTERM');
  const timer = setTimeout(() => signalAll(tree, 'SIGKILL'), 5_000);
  await gone;
  clearTimeout(timer);
}

function signalAll(pids: number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // Gone already.
    }
  }
}

/** The first line that the process prints. */
export async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('Its output is not piped');
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return String(line);
}

/**
 * Waits until GET of the URL answers 200.
 *
 * @throws Error when the process ends first, or after 30 s.
 */
export async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode}`);
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${child.spawnargs.join(' ')} does not answer ${url}`);
}

/** CPU time (user and system, all threads) and resident memory of a process and its descendants. */
export function usageOf(pid: number): Usage {
  return treeOf(pid)
    .map(usageOfOne)
    .reduce((sum, { cpuSeconds, rssMiB }) => ({
      cpuSeconds: sum.cpuSeconds + cpuSeconds,
      rssMiB: sum.rssMiB + rssMiB,
    }));
}

/** A process and its descendants, parents first. */
function treeOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return [pid, ...children.flatMap((child) => treeOf(Number(child)))];
}

function usageOfOne(pid: number): Usage {
  // The second field, the command, may hold spaces: proc(5) counts from after its bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    rssMiB: Number(resident) / 1024,
  };
}
