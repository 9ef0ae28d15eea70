/** Load from a process of its own (wrk), and what it saw. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

export type Request = {
  method: 'GET' | 'POST';
  path: string;
  user?: string;
  body?: string;
  /** A coding, such as `gzip`. */
  accepted?: string;
  /** For `If-None-Match`. */
  tags?: string;
};
/** What one run of load saw. `p50Ms` and `p99Ms` are milliseconds. */
export type LoadResult = { requests: number; seconds: number; p50Ms: number; p99Ms: number; failed: number };

const script = fileURLToPath(new URL('load.lua', import.meta.url));
const run = promisify(execFile);

/** Writes the requests where `sendLoad` reads them; returns the file. Neither a path nor a body may hold a tab or a line end. */
export async function writeRequests(folder: string, name: string, requests: Request[]): Promise<string> {
  const file = join(folder, `${name}.requests`);
  const lines = requests.map(
    ({ method, path, user = '', body = '', accepted = '', tags = '' }) =>
      `${[method, path, user, body, accepted, tags].join('\t')}\n`,
  );
  await writeFile(file, lines.join(''));
  return file;
}

/**
 * Sends the file's requests over and over, beginning with line `start`, as fast as they are answered.
 *
 * @throws Error when a single request failed: a server that answers errors is not fast.
 */
export async function sendLoad(
  url: string,
  {
    file,
    connections,
    seconds,
    start,
  }: { file: string; connections: number; seconds: number; start: number },
): Promise<LoadResult> {
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '--latency', '-s', script];
  const { stdout } = await run('wrk', [...flags, url, '--', file, String(start)]);
  // load.lua writes this line, in this shape.
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as LoadResult;
  if (result.failed > 0) throw new Error(`${result.failed} of ${result.requests} requests to ${url} failed`);
  return result;
}
