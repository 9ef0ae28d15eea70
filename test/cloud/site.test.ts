import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { createRenderer } from '../../src/renditions/render.ts';
import { assertRoleFits } from '../iam/role.ts';
import { account, region, repository, until } from './ministack.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const run = promisify(execFile);

describe('the deployed site', () => {
  let stage: Stage;

  before(async () => {
    stage = await startStage('site');
    const { code, stdout, stderr } = await stage.checkout.deploy('--stage=site', '--yes', '--write-env');
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout.trimEnd().split('\n').at(-1) ?? '', /^✔ http:\/\/\S+\.elb\.amazonaws\.com$/);
  });
  after(() => stage.close());

  it('got the outputs of the first stack as parameters of the same name in the second', async () => {
    const { serverless } = await stage.outputs();
    const given = (await stage.stack(stage.server))?.parameters ?? {};
    const shared = Object.keys(serverless).filter((name) => name in given);
    const names = ['Bucket', 'JwtAudience', 'JwtIssuer', 'JwtSignIn', 'Renditions', 'RoleName', 'Table'];
    assert.deepEqual(shared.toSorted(), names);
    for (const name of shared) assert.equal(given[name], serverless[name]);
  });

  it('runs the bundle that was built, fetched by its hash', async () => {
    const orders = stage.fleet.orders();
    const given = (await stage.stack(stage.server))?.parameters;
    assert.equal(orders?.key, given?.BundleKey);
    assert.equal(orders?.sha256, given?.BundleSha256);
    assert.equal(orders?.key, `server/${orders?.sha256}.tar.gz`);
  });

  it('is named in .env.local for development against it', async () => {
    const { Bucket, Renditions, Table } = (await stage.outputs()).serverless;
    const env = await readFile(join(stage.checkout.folder, '.env.local'), 'utf8');
    assert.equal(
      env,
      `BUCKET=${Bucket}\nRENDITIONS_BUCKET=${Renditions}\nDYNAMO_TABLE=${Table}\nAWS_REGION=${region}\n`,
    );
  });

  it('serves the web app and the API on plain HTTP under a name that is not localhost', async () => {
    const page = await stage.site('GET', '/', { accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'] ?? '', /^text\/html/);
    assert.equal(page.headers['strict-transport-security'], undefined);
    assert.doesNotMatch(String(page.headers['content-security-policy']), /upgrade-insecure-requests/);
    const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(page.body) ?? [];
    assert.equal((await stage.site('GET', script)).status, 200);
    const api = await stage.site('GET', '/posts', { origin: 'https://elsewhere.example' });
    assert.equal(api.headers['access-control-allow-origin'], '*');
  });

  it('labels a photo: a URL from the deployed server, labels from the deployed Lambda, and deletes it again', async () => {
    const author = { authorization: 'ada', 'content-type': 'application/json' };
    const created = await stage.site(
      'POST',
      '/posts',
      author,
      JSON.stringify({ title: 'Chelsea', body: 'asleep' }),
    );
    assert.equal(created.status, 201, created.body);
    const { id } = JSON.parse(created.body);
    const postId = id.split('#')[1];
    const query = new URLSearchParams({ filename: 'chelsea.jpg', filetype: 'image/jpeg', postId });
    const signed = await stage.site('GET', `/signedUrlPut?${query}`, author);
    assert.equal(signed.status, 200, signed.body);
    const { uploadURL, headers } = JSON.parse(signed.body);
    const photo = await readFile(join(repository, 'test/photos/chelsea.jpg'));
    const put = await fetch(uploadURL, { method: 'PUT', headers, body: photo });
    assert.equal(put.status, 200, await put.text());

    const { Table: TableName, Bucket, Renditions } = (await stage.outputs()).serverless;
    const item = await until('labels in the table', async () => {
      const { Items = [] } = await stage.dynamodb.send(new ScanCommand({ TableName }));
      return Items.find(({ labels }) => labels !== undefined);
    });
    assert.equal(item.id?.S, id);
    const [post] = JSON.parse((await stage.site('GET', '/posts?user=ada', author)).body);
    assert.ok(post.labels.includes('Cat'), `${post.labels}`);
    assert.equal(post.status, 'labelled');
    const image = await fetch(post.image);
    assert.ok(item.version?.S);
    const { renditions } = await createRenderer()(async () => photo);
    assert.deepEqual(Buffer.from(await image.arrayBuffer()), renditions.at(-1)?.bytes);
    assert.equal(image.headers.get('content-type'), 'image/webp');
    assert.equal(image.headers.get('cache-control'), 'private, max-age=31536000, immutable');

    const path = `/posts/${postId}`;
    const changed = await stage.site(
      'PATCH',
      path,
      author,
      JSON.stringify({ alt: 'a cat', labels: ['Chelsea'] }),
    );
    const { alt, labels, thumbnails } = JSON.parse(changed.body);
    assert.deepEqual([changed.status, alt, labels], [200, 'a cat', ['Chelsea']]);
    assert.equal(thumbnails.length, renditions.length);
    const labelled = async (label: string) =>
      JSON.parse((await stage.site('GET', `/posts?label=${label}`)).body).map(
        (found: { id: string }) => found.id,
      );
    assert.deepEqual([await labelled('cat'), await labelled('chelsea')], [[], [id]]);
    assert.equal((await stage.site('DELETE', `${path}/image`, author)).status, 200);
    const { Items = [] } = await stage.dynamodb.send(new ScanCommand({ TableName }));
    assert.deepEqual(
      [...new Set(Items.map(({ user }) => user?.S))].toSorted(),
      ['LABELS', 'USER#ada'],
      'of the entries of labels their names alone are left',
    );
    const bare = Items.find(({ user }) => user?.S === 'USER#ada');
    assert.deepEqual([bare?.status, bare?.labels, bare?.alt], [{ S: 'none' }, undefined, { S: 'a cat' }]);
    assert.equal((await fetch(post.image)).status, 404);
    assert.equal((await stage.site('DELETE', path, author)).status, 200);
    const { Versions, DeleteMarkers } = await stage.s3.send(new ListObjectVersionsCommand({ Bucket }));
    assert.deepEqual([Versions, DeleteMarkers], [undefined, undefined]);
    const { Contents } = await stage.s3.send(new ListObjectsV2Command({ Bucket: Renditions }));
    assert.equal(Contents, undefined);
    assert.equal((await fetch(post.image)).status, 404);
  });

  it('keeps the HTTP contract, asked without anything between', async () => {
    await keepsContract(`http://127.0.0.1:${stage.fleet.instancePort()}`, () => true);
  });

  it('keeps the HTTP contract behind the load balancer, under its name', async () => {
    const { Url = '' } = (await stage.outputs()).server;
    // Which connections close is between the server and the load balancer there.
    await keepsContract(Url, (file) => file !== 'contract-bodies.test.ts');
  });

  /** Runs the contract tests against the service at this URL. */
  async function keepsContract(POSTAGRAM_URL: string, wanted: (file: string) => boolean): Promise<void> {
    const all = (await readdir(join(repository, 'test'), { recursive: true })).filter((path) =>
      /^contract-.*\.test\.ts$/.test(basename(path)),
    );
    const files = all.filter((path) => wanted(basename(path))).map((path) => `test/${path}`);
    assert.ok(files.length > 3, files.join());
    // Without it the runner would report to this test's runner in place of its own output.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const result = await run(
      process.execPath,
      ['--import', 'tsx', '--test', '--test-reporter=spec', ...files],
      {
        cwd: repository,
        env: { ...env, ...stage.names, POSTAGRAM_URL },
      },
    ).catch((error: { stdout: string }) => error);
    assert.match(result.stdout, /^ℹ pass [1-9]/m, result.stdout);
    assert.match(result.stdout, /^ℹ fail 0$/m, result.stdout);
    assert.match(result.stdout, /^ℹ cancelled 0$/m, result.stdout);
  }

  it('asked nothing of AWS that its role does not allow, and its role allows nothing else', async () => {
    const { Bucket = '', Renditions = '', Table = '' } = (await stage.outputs()).serverless;
    const { ArtifactsBucket = '' } = (await stage.stack(stage.server))?.parameters ?? {};
    const names = {
      region,
      account,
      bucket: Bucket,
      renditions: Renditions,
      table: Table,
      artifactsBucket: ArtifactsBucket,
    };
    // What the labeler needs for a photo that was deleted before its event came: iam.test.ts has one, nobody here.
    const missing = { action: 's3:ListBucket', resource: `arn:aws:s3:::${Bucket}` };
    await assertRoleFits(names, [...stage.uses(), missing]);
  });
});
