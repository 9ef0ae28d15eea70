/** Services beside Postagram: what `npm start -- NAME…` adds. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, describe, it, test, type TestContext } from 'node:test';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { launch, spawnPostagram } from '../../local/child.ts';
import { runnable, serveBefore } from '../../local/services.ts';
import { s3Options } from '../../src/aws/clients.ts';
import { eventually } from '../support/eventually.ts';
import { connect } from '../support/http-client.ts';
import { temporaryFolder } from '../support/local-bucket.ts';
import { openCloud } from '../support/service.ts';
import { sample } from './sample/service.ts';

const seenSchema = v.object({
  files: v.array(v.string()),
  things: v.array(v.string()),
  SAMPLE_BUCKET: v.string(),
  SAMPLE_TABLE: v.string(),
  SAMPLE_KEY: v.string(),
  SAMPLE_TEXT: v.string(),
});

describe('a service with one of each', async () => {
  const services = runnable([sample]);
  const cloud = await openCloud({ after }, { labels: false, ...services.needs });
  // A name of AWS that `deploy.ts --write-env` left must not lead past the local cloud.
  Object.assign(process.env, { SAMPLE_TABLE: 'a-table-of-aws' }, cloud.env);
  const server = createServer((_, response) => response.end('Postagram'));
  serveBefore(server, await services.start(cloud, cloud.dataDir));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => void server.close());
  // A server that listens on TCP has an AddressInfo.
  const call = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const seen = async () => v.parse(seenSchema, (await call('GET', '/sample/seen')).json);

  it('answers under its paths, with and without the stage; the rest is Postagram', async () => {
    for (const path of ['/sample/seen', '/v1/sample/seen', '/v1/sample/seen?a=/b'])
      assert.equal((await call('GET', path)).status, 200, path);
    for (const path of ['/sample', '/sample/', '/v1/sample?a'])
      assert.equal((await call('GET', path)).status, 404, path);
    for (const path of ['/', '/samples', '/v1', '/v1/', '/v2/sample/seen', '/posts/sample', '/?/sample'])
      assert.equal((await call('GET', path)).text, 'Postagram', path);
  });

  it('has its functions called by a new object, and by the change of the table that this makes', async () => {
    assert.equal((await call('PUT', '/v1/sample/a%20b', { body: Buffer.from('x') })).status, 204);
    await eventually(async () => {
      const { files, things } = await seen();
      assert.deepEqual([files, things], [['sample-files-local/a+b'], ['INSERT a+b']]);
    });
  });

  it('hears nothing of the objects of other buckets', async () => {
    const s3 = new S3Client(s3Options('eu-west-1'));
    const before = await seen();
    for (const Bucket of ['sample-others-local', 'postagram-local'])
      await s3.send(new PutObjectCommand({ Bucket, Key: 'elsewhere', Body: 'x' }));
    const nobody = new PutObjectCommand({ Bucket: 'sample-nobody-local', Key: 'k', Body: 'x' });
    await assert.rejects(s3.send(nobody), { name: 'NoSuchBucket' });
    // After it, in the order of the queue.
    await call('PUT', '/sample/last', { body: Buffer.from('x') });
    await eventually(async () =>
      assert.ok((await seen()).files.includes('sample-files-local/last'), 'it came'),
    );
    assert.equal((await seen()).files.length, before.files.length + 1);
  });

  it('knows its table and bucket by their local names, its text, and a secret that only its user can read', async () => {
    const { SAMPLE_BUCKET, SAMPLE_KEY, SAMPLE_TABLE, SAMPLE_TEXT } = await seen();
    assert.deepEqual(
      [SAMPLE_BUCKET, SAMPLE_TABLE, SAMPLE_TEXT],
      ['sample-files-local', 'sample-things-local', 'as it stands'],
    );
    assert.match(SAMPLE_KEY, /^[A-Za-z0-9+/]{43}=$/);
    assert.equal((await stat(join(cloud.dataDir, 'secrets', 'sample-Key'))).mode & 0o777, 0o600);
  });

  it('lets pages of other origins use a bucket as it says, and not at all where it says nothing', async () => {
    const endpoint = cloud.env.AWS_ENDPOINT_URL_S3 ?? '';
    assert.equal(await preflight(endpoint, 'sample-files-local'), 200);
    assert.equal(await preflight(endpoint, 'sample-others-local'), 403);
  });
});

async function preflight(endpoint: string, bucket: string) {
  const headers = { origin: 'https://example.org', 'access-control-request-method': 'PUT' };
  return (await fetch(`${endpoint}/${bucket}/k`, { method: 'OPTIONS', headers })).status;
}

const limit = { timeout: 120_000 };

async function start(t: TestContext, dataDir: string, names: string[]) {
  const child = await spawnPostagram(dataDir, {}, names);
  t.after(async () => {
    child.process.kill('SIGKILL');
    await child.exited;
  });
  return child;
}

test(
  'npm start -- template serves it beside Postagram; its line of curl works as printed',
  limit,
  async (t) => {
    const dataDir = join(await temporaryFolder(t), 'data');
    const child = await start(t, dataDir, ['template']);
    const { call } = { call: connect(child.url) };
    assert.equal((await call('GET', '/posts')).text, '[]');
    const lines = [...child.output().matchAll(/^ {2}(curl .*)$/gm)].map(([, line = '']) => line);
    assert.equal(lines.length, 3);
    const run = () => JSON.parse(execFileSync('sh', ['-c', `${lines[2]} -s`], { encoding: 'utf8' }));
    assert.deepEqual(run(), { page: 'home', hits: 1 });
    const line = /"method":"POST","route":"\/hits\/:page","status":200/;
    await eventually(() => assert.match(child.output(), line));
    child.process.kill('SIGINT');
    assert.equal((await child.exited).code, 0);

    const second = await start(t, dataDir, ['all']);
    const { json } = await connect(second.url)('POST', '/hits/home');
    assert.deepEqual(json, { page: 'home', hits: 2 });
  },
);

test('a name that no service has is one line with those there are', limit, async (t) => {
  const { exited } = launch(join(await temporaryFolder(t), 'data'), {}, ['template', 'temperature']);
  const { code, stdout, stderr } = await exited;
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /^There is no service temperature\. There are [a-z, ]*template[a-z, ]*; all [^\n]+\n$/,
  );
});
