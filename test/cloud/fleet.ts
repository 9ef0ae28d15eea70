import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../support/free-port.ts';
import { startBalancer } from './balancer.ts';
import { shipLog } from './instance-log.ts';
import { region, until } from './ministack.ts';
import type { Ministack } from './ministack.ts';

const run = promisify(execFile);

/** Quicker than the load balancer looks, and a drain to match: these tests deploy many times. */
const quick = { interval: '200ms', timeout: '5s', healthyAfter: 1, unhealthyAfter: 2 };
const DRAIN_SECONDS = '6';

/** What the user data of a launch template tells an instance to do, read from its text. */
export interface Orders {
  bucket: string;
  key: string;
  sha256: string;
  environment: Record<string, string>;
  /** The same for what ships its log. */
  logEnvironment: Record<string, string>;
  /** The unit's ExecStart. */
  command: string;
}

/** Settings of an env file. */
const settings = (text: string) =>
  Object.fromEntries(text.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));

/** Reads the orders out of the script an instance would run. */
export function readUserData(script: string): Orders {
  const find = (pattern: RegExp) => {
    const found = pattern.exec(script)?.[1];
    if (found === undefined) throw new Error(`The user data has no ${pattern}:\n${script}`);
    return found;
  };
  return {
    bucket: find(/aws s3 cp .*s3:\/\/([^/']+)\//),
    key: find(/aws s3 cp .*s3:\/\/[^/']+\/([^']+)'/),
    sha256: find(/echo '([0-9a-f]{64}) {2}bundle\.tar\.gz' \| sha256sum --check/),
    environment: settings(find(/cat >\/etc\/postagram\.env <<'ENV'\n([\s\S]*?)\nENV\n/)),
    logEnvironment: settings(find(/cat >\/etc\/postagram-logs\.env <<'ENV'\n([\s\S]*?)\nENV\n/)),
    command: find(/^ExecStart=(.*)$/m),
  };
}

/** The newest user data of the stage's launch template, or undefined while there is none. */
async function newestUserData(ministack: Ministack): Promise<string | undefined> {
  const list = await ministack.ec2('DescribeLaunchTemplates');
  const id = /<launchTemplateId>(lt-[0-9a-f]+)</.exec(list)?.[1];
  if (!id) return undefined;
  const versions = await ministack.ec2('DescribeLaunchTemplateVersions', {
    LaunchTemplateId: id,
    'LaunchTemplateVersion.1': '$Latest',
  });
  const userData = /<userData>([^<]+)</.exec(versions)?.[1];
  return userData && Buffer.from(userData, 'base64').toString();
}

/**
 * Plays the Auto Scaling group and the load balancer of the server stack: one instance that does what the launch
 * template's user data says, haproxy in front of it, and a new instance whenever the user data changes.
 * @param env what an instance has around it: where AWS and its metadata service are
 */
export async function startFleet(
  ministack: Ministack,
  folder: string,
  env: Record<string, string | undefined>,
) {
  const slots = [await freePort(), await freePort()];
  const balancer = await startBalancer(folder, slots, quick);
  const endpoint = env.AWS_ENDPOINT_URL_S3 ?? ministack.url;
  const credentials = ministack.instanceCredentials;
  const s3 = new S3Client({ region, credentials, endpoint, forcePathStyle: true });
  let current: { userData: string; orders: Orders; child: ChildProcess; port: number } | undefined;
  const stopping = new AbortController();
  let held = false;

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      const userData = held ? undefined : await newestUserData(ministack).catch(() => undefined);
      if (userData && userData !== current?.userData) await replace(userData);
      else await pause(100);
    }
  }

  async function replace(userData: string): Promise<void> {
    const old = current;
    const port = slots.find((slot) => slot !== old?.port) ?? 0;
    const orders = readUserData(userData);
    const place = await mkdtemp(join(folder, 'instance-'));
    const child = await startInstance(orders, place, s3, { ...env, PORT: `${port}`, DRAIN_SECONDS });
    current = { userData, orders, child, port };
    await until(`an instance on ${port}`, () => balancer.sends(port));
    if (old) await stop(old.child);
  }

  const watching = watch();

  return {
    /** Port of the load balancer on 127.0.0.1. */
    port: balancer.port,
    /** Starts no instance until it is let go again. */
    hold: (hold: boolean) => void (held = hold),
    /** What the instance in service was told to do. */
    orders: () => current?.orders,
    pid: () => current?.child.pid,
    instancePort: () => current?.port,
    async stop() {
      stopping.abort();
      await watching;
      // Nobody asks it anything any more.
      if (current) await stop(current.child, 'SIGINT');
      await balancer.stop();
      s3.destroy();
    },
  };
}

async function stop(child: ChildProcess, signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Fetches, checks, unpacks and starts the bundle, as the user data does on an instance. */
async function startInstance(
  { bucket, key, sha256, environment, logEnvironment, command }: Orders,
  folder: string,
  s3: S3Client,
  env: Record<string, string | undefined>,
): Promise<ChildProcess> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (hash !== sha256) throw new Error(`The bundle hashes to ${hash}, not to ${sha256}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'bundle.tar.gz'), bytes);
  await run('tar', ['--extract', '--gzip', '--no-same-owner', '--file', 'bundle.tar.gz'], { cwd: folder });
  const [, ...args] = command.split(' ');
  const journal = await open(join(folder, 'journal'), 'a');
  const server = spawn(process.execPath, args, {
    cwd: folder,
    // Its own words, then what an instance has around it: endpoints, and a port of this machine.
    env: { ...environment, ...env },
    stdio: ['ignore', journal.fd, 'inherit'],
  });
  await journal.close();
  await shipLog(server, folder, join(folder, 'journal'), { ...logEnvironment, ...env });
  return server;
}
