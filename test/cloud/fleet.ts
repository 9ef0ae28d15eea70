import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../support/free-port.ts';
import { answers, region, until } from './ministack.ts';
import type { Ministack } from './ministack.ts';

const run = promisify(execFile);

/** What the user data of a launch template tells an instance to do, read from its text. */
export interface Orders {
  bucket: string;
  key: string;
  sha256: string;
  environment: Record<string, string>;
  /** The unit's ExecStart. */
  command: string;
}

/** Reads the orders out of the script an instance would run. */
export function readUserData(script: string): Orders {
  const find = (pattern: RegExp) => {
    const found = pattern.exec(script)?.[1];
    if (found === undefined) throw new Error(`The user data has no ${pattern}:\n${script}`);
    return found;
  };
  const lines = find(/cat >\/etc\/postagram\.env <<'ENV'\n([\s\S]*?)\nENV\n/).split('\n');
  return {
    bucket: find(/aws s3 cp .*s3:\/\/([^/']+)\//),
    key: find(/aws s3 cp .*s3:\/\/[^/']+\/([^']+)'/),
    sha256: find(/echo '([0-9a-f]{64}) {2}bundle\.tar\.gz' \| sha256sum --check/),
    environment: Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2))),
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
  const balancer = await startBalancer(folder, slots);
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
    const child = await startInstance(orders, place, s3, { ...env, PORT: `${port}` });
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
      if (current) await stop(current.child);
      await balancer.stop();
      s3.destroy();
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Fetches, checks, unpacks and starts the bundle, as the user data does on an instance. */
async function startInstance(
  { bucket, key, sha256, environment, command }: Orders,
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
  return spawn(process.execPath, args, {
    cwd: folder,
    // Its own words, then what an instance has around it: endpoints, and a port of this machine.
    env: { ...environment, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** haproxy in the load balancer's place: checks /health, passes the Host header on, keeps connections for 60 s. */
async function startBalancer(folder: string, slots: number[]) {
  const [port, statsPort] = [await freePort(), await freePort()];
  const config = `
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option redispatch
  retries 3
frontend site
  bind 127.0.0.1:${port}
  default_backend instances
frontend stats
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /
backend instances
  option httpchk GET /health
  default-server inter 200ms fall 2 rise 1
${slots.map((slot) => `  server on-${slot} 127.0.0.1:${slot} check`).join('\n')}
`;
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, config);
  const child = spawn('haproxy', ['-f', file, '-db', '-q'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const up = until('haproxy', () => answers(`http://127.0.0.1:${statsPort}/`));
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`haproxy ended with ${String(code)}`)),
  );
  await Promise.race([up, ended]);
  // Its end is expected from now on.
  ended.catch(() => undefined);
  return {
    port,
    /** Whether it sends requests to the instance on this port; undefined, to ask again, while it does not. */
    async sends(slot: number) {
      const rows = await (await fetch(`http://127.0.0.1:${statsPort}/;csv`)).text();
      return new RegExp(`^instances,on-${slot},.*,UP,`, 'm').test(rows) ? true : undefined;
    },
    stop: () => stop(child),
  };
}
