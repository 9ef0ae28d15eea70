import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { functionArtifact } from '../../deploy/build/functions.ts';
import { service } from '../../services/power/service.ts';
import { freePort } from '../support/free-port.ts';
import { credentials, repository, startMinistack } from './ministack.ts';

test('the lines of the workshop work as they stand there, with our function in place of theirs', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'workshop-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  // The workshop's role has no policy: its emulator asks none.
  const url = `http://127.0.0.1:${port}`;
  const own = { AUTH: 'false', MINISTACK_REGION: 'us-east-1', AWS_ENDPOINT_URL_EC2: url };
  const ministack = await startMinistack(folder, port, own);
  t.after(ministack.stop);
  const { bytes } = await functionArtifact(repository, service.functions[0]);
  await mkdir(join(folder, 'lambda-ec2-control'));
  await writeFile(join(folder, 'lambda-ec2-control', 'lambda_function.zip'), await bytes());

  const shell = spawn('bash', ['-eu', join(import.meta.dirname, 'workshop.sh')], {
    cwd: folder,
    env: {
      PATH: [join(repository, '.cache/venv/bin'), process.env.PATH].join(delimiter),
      HOME: folder,
      AWS_ENDPOINT: ministack.url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    once(shell, 'close'),
  ]);
  assert.equal(code, 0, stdout + stderr);
  const [id] = /\bi-[0-9a-f]{8,17}\b/.exec(stdout) ?? [];
  assert.ok(id, stdout);
  const messages = [...stdout.matchAll(/\{"message":"[^}]*\}/g)].map(([body]) => JSON.parse(body));
  const said = (message: string) => ({ message, instance_id: id });
  assert.deepEqual(messages, [
    said(`Instance ${id} is running`),
    said(`Stopping instance ${id}`),
    said(`Starting instance ${id}`),
  ]);
  const direct = /\{"statusCode".*\}/.exec(stdout)?.[0] ?? '';
  const { statusCode, body } = JSON.parse(direct);
  assert.deepEqual([statusCode, JSON.parse(body)], [200, said(`Instance ${id} is running`)]);
});
