/** The servers that are compared, and how each is started. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadResult } from './load.ts';
import { nodeOptions } from '../templates/node-options.ts';
import { freePort } from '../test/support/free-port.ts';
import { start, untilHealthy } from './processes.ts';

/** What a contender is started with: where the database listens, the table, and for the floor and the bare call, the case. */
export type Setting = {
  database: string;
  table: string;
  bundle: string;
  /** The bundle of another version, to compare with. */
  before?: string | undefined;
  answer?: { file: string; status: number };
  bare?: string;
};
export type Running = { name: string; child: ChildProcess; pid: number; url: string };

const folder = fileURLToPath(new URL('.', import.meta.url));
const commands = {
  ours: ({ bundle }: Setting) => ['node', bundle],
  before: ({ before = '' }: Setting) => ['node', before],
  fastapi: () => ['.cache/venv/bin/python', '-m', 'uvicorn', 'peers.fastapi_app:app', '--port'],
  naive: () => ['node', 'peers/naive.mjs'],
  fastify: () => ['node', 'peers/fastify.mjs'],
  express: () => ['node', 'peers/express.mjs'],
  floor: () => ['node', 'peers/floor.mjs'],
  ours100000: ({ bundle }: Setting) => ['node', bundle],
};
export type Contender = keyof typeof commands | 'bare';

/** All of them, ours first: the others are compared with it. */
// Object.keys forgets the names, which the literal above has.
export const contenders: Contender[] = [...(Object.keys(commands) as Contender[]), 'bare'];

/** This server, now or before: it has what peers lack, and the options of an instance. */
export const isOurs = (name: Contender): boolean => name.startsWith('ours') || name === 'before';

/** Starts a contender and waits until it serves. */
export async function startContender(name: Contender, setting: Setting): Promise<Running> {
  if (name === 'bare') return startBare(setting);
  const port = await freePort();
  const [command = '', ...args] = commands[name](setting);
  if (args.at(-1) === '--port') args.push(String(port));
  const env: NodeJS.ProcessEnv = { ...environmentOf(setting), PORT: String(port) };
  // As on an instance; the peers run as Node and Python come.
  if (isOurs(name)) env.NODE_OPTIONS = nodeOptions;
  const child = start(command, args, { env, cwd: folder });
  const url = `http://127.0.0.1:${port}`;
  await untilHealthy(`${url}/health`, child);
  return { name, child, pid: pidOf(child), url };
}

/** Lets the bare SDK call run for so long, so many at a time. */
export async function runBare(
  { child }: Running,
  load: { seconds: number; connections: number },
): Promise<LoadResult> {
  child.send(load);
  // bare.mjs answers each message with a result.
  const [result] = (await once(child, 'message')) as [LoadResult];
  return result;
}

async function startBare(setting: Setting): Promise<Running> {
  const env = { ...environmentOf(setting), BARE: setting.bare };
  const child = start('node', ['peers/bare.mjs'], { env, cwd: folder, ipc: true });
  await once(child, 'message');
  return { name: 'bare', child, pid: pidOf(child), url: '' };
}

/** What a server needs to know of the database. */
export function environmentOf({
  database,
  table,
  answer,
}: Pick<Setting, 'database' | 'table' | 'answer'>): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    DRAIN_SECONDS: '0',
    POSTS_PER_MINUTE: '0',
    UPLOADS_PER_MINUTE: '0',
    LOG_LEVEL: 'info',
    CORS_ORIGINS: '*',
    BUCKET: 'postagram-bench-images',
    RENDITIONS_BUCKET: 'postagram-bench-rendered',
    DYNAMO_TABLE: table,
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    AWS_ENDPOINT_URL_DYNAMODB: database,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...(answer && { BODY_FILE: answer.file, STATUS: String(answer.status) }),
  };
}

function pidOf({ pid, spawnargs }: ChildProcess): number {
  if (pid === undefined) throw new Error(`${spawnargs.join(' ')} did not start`);
  return pid;
}
