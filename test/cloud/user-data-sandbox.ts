import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { userDataScript } from '../templates/user-data-script.ts';

const run = promisify(execFile);

/** Commands of an instance that do nothing here but note that they were called. */
const commands = ['dnf', 'aws', 'systemctl', 'journalctl', 'curl', 'sleep', 'cfn-signal'];

/**
 * Fails when its call contains $FAIL, hangs when it contains $HANG, and otherwise does what the script needs of it:
 * `aws s3 cp` brings the bundle.
 */
const stub = `#!/bin/bash
call="$(basename "$0") $*"
echo "$call" >>"$CALLS"
if [[ -n "$FAIL" && "$call" == *"$FAIL"* ]]; then exit 7; fi
if [[ -n "$HANG" && "$call" == *"$HANG"* ]]; then exec /bin/sleep 240; fi
if [[ "$call" == "aws s3 cp "* ]]; then cp "$BUNDLE" "$5"; fi
`;

export interface Outcome {
  /** Exit code of the script. */
  code: number | null;
  /** Every stubbed command with its arguments, in order. */
  calls: string[];
  /** Whatever cfn-signal was told, in order; empty when it was not called. */
  signalled: string[];
  stderr: string;
  /** Text of a file that the script wrote, by its path on an instance. */
  file: (path: string) => Promise<string>;
}

/**
 * Runs the user data in a folder of its own that stands for the instance's root.
 *
 * @param options.fail what a call that fails contains
 * @param options.terminateAt what the call contains during which the script gets SIGTERM
 * @param options.bundle what the artifacts bucket holds in place of a bundle
 * @param options.sha256 what the bundle should hash to; what it does hash to without it
 */
export async function runUserData(
  t: TestContext,
  options: { fail?: string; terminateAt?: string; bundle?: Buffer; sha256?: string } = {},
): Promise<Outcome> {
  const root = await mkdtemp(join(tmpdir(), 'user-data-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const folder of ['bin', 'opt', 'etc/systemd/system', 'bundle'])
    await mkdir(join(root, folder), { recursive: true });
  for (const command of commands) await writeFile(join(root, 'bin', command), stub, { mode: 0o755 });

  await mkdir(join(root, 'data'));
  await writeFile(join(root, 'data/instance-id'), 'i-0123456789abcdef0\n');

  const archive = join(root, 'bundle.tar.gz');
  await writeFile(join(root, 'bundle/server.mjs'), '// the server\n');
  await run('tar', ['-czf', archive, '-C', join(root, 'bundle'), 'server.mjs']);
  if (options.bundle) await writeFile(archive, options.bundle);
  const hash = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex');

  const script = userDataScript({ BundleSha256: options.sha256 ?? hash })
    .replaceAll(' /var/lib/cloud/', ` ${root}/`)
    .replaceAll(' /opt/postagram', ` ${root}/opt/postagram`)
    .replaceAll('>/etc/', `>${root}/etc/`);
  const path = join(root, 'user-data.sh');
  await writeFile(path, script);

  const calls = join(root, 'calls');
  await writeFile(calls, '');
  const child = spawn('bash', [path], {
    env: {
      PATH: `${join(root, 'bin')}:/usr/bin:/bin`,
      CALLS: calls,
      BUNDLE: archive,
      FAIL: options.fail ?? '',
      HANG: options.terminateAt ?? '',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its own process group, so that whatever hangs ends with the script, as systemd has it.
    detached: true,
  });
  const stderr = text(child.stderr);
  const exited = once(child, 'exit');
  if (options.terminateAt !== undefined) {
    await calledWith(calls, options.terminateAt);
    process.kill(-(child.pid ?? 0), 'SIGTERM');
  }
  const [code] = (await exited) as [number | null];
  const made = (await readFile(calls, 'utf8')).split('\n').filter((line) => line !== '');
  return {
    code,
    calls: made,
    signalled: made.filter((call) => call.startsWith('cfn-signal ')),
    stderr: await stderr,
    file: (name) => readFile(join(root, name), 'utf8'),
  };
}

/** Waits, at most 120 s, until a call that contains a text was made. */
async function calledWith(calls: string, part: string): Promise<void> {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(20))
    if ((await readFile(calls, 'utf8')).includes(part)) return;
  throw new Error(`${part} was never called`);
}
