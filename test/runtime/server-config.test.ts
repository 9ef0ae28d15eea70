import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { spawnServer, type Environment } from '../support/service.ts';

const enough: Environment = {
  BUCKET: 'bucket',
  RENDITIONS_BUCKET: 'renditions',
  DYNAMO_TABLE: 'table',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'LOCAL',
  AWS_SECRET_ACCESS_KEY: 'LOCAL',
};

/** Starts a server that should not start. @returns the one line it says */
async function refusal(env: Environment, cwd?: string): Promise<string> {
  const server = spawnServer({ ...enough, ...env }, cwd);
  assert.equal(await server.exited, 1);
  const lines = server.stderr().trimEnd().split('\n');
  assert.equal(lines.length, 1, server.stderr());
  assert.equal(server.logs.length, 0);
  return lines[0] ?? '';
}

async function folder(t: TestContext, files: Record<string, string>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'postagram-test-'));
  t.after(() => rm(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return path;
}

describe('the start is stopped in one line that names', () => {
  const names = ['BUCKET', 'RENDITIONS_BUCKET', 'DYNAMO_TABLE', 'AWS_REGION'];
  for (const name of names) {
    it(`${name} when it is missing or empty`, async () => {
      for (const value of [undefined, '']) {
        const line = await refusal({ [name]: value });
        assert.match(line, new RegExp(`\\b${name}\\b`));
        for (const other of names) {
          assert.equal(new RegExp(`\\b${other}\\b`).test(line), other === name, line);
        }
      }
    });
  }

  const wrong: Environment = { PORT: '80a', LOG_LEVEL: 'loud', DRAIN_SECONDS: '-1' };
  for (const [name, value] of Object.entries({ ...wrong })) {
    it(`${name}=${value}`, async () => {
      assert.match(await refusal({ [name]: value }), new RegExp(`\\b${name}\\b`));
    });
  }

  for (const value of [
    '',
    'photos.example',
    'ftp://photos.example',
    'https://photos.example/app',
    'https://photos.example?a',
    'https://photos.example/#a',
    'https://ada@photos.example',
    'https://photos.example:port',
  ]) {
    it(`PUBLIC_URL=${value}`, async () => {
      assert.match(await refusal({ PUBLIC_URL: value }), /\bPUBLIC_URL must be an http or https origin/);
    });
  }

  it('all that are missing', async () => {
    const line = await refusal({ BUCKET: undefined, DYNAMO_TABLE: undefined });
    assert.match(line, /BUCKET.*DYNAMO_TABLE/);
  });

  it('a port that is taken', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    // A server that listens on TCP has an AddressInfo.
    const { port } = other.address() as AddressInfo;
    assert.match(await refusal({ PORT: String(port) }), new RegExp(`EADDRINUSE.*${port}`));
  });
});

describe('configuration comes', () => {
  it('from the environment, then .env.local, then .env', async (t) => {
    const cwd = await folder(t, {
      '.env': 'BUCKET=b\nRENDITIONS_BUCKET=r\nDYNAMO_TABLE=t\nAWS_REGION=eu-west-1\nLOG_LEVEL=silent\n',
      '.env.local': 'LOG_LEVEL=debug\nPORT=99999\n',
    });
    const unset = {
      BUCKET: undefined,
      RENDITIONS_BUCKET: undefined,
      DYNAMO_TABLE: undefined,
      AWS_REGION: undefined,
    };
    assert.match(await refusal({ ...unset, PORT: undefined }, cwd), /PORT/);
    const server = spawnServer({ ...unset, PORT: '0' }, cwd);
    // At the level `silent` of .env there would be no line.
    await server.logged(({ msg }) => msg === 'listening');
    server.child.kill('SIGINT');
    assert.equal(await server.exited, 0);
  });

  it('without any file', async (t) => {
    assert.match(await refusal({ BUCKET: undefined }, await folder(t, {})), /BUCKET/);
  });
});
