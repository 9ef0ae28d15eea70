import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';

import { startCloud } from '../../local/cloud.ts';
import { eventually } from '../support/eventually.ts';
import { importLabeler } from '../support/labeler.ts';
import { recordIamActions } from './record.ts';
import { assertRoleFits, denied, rolePolicy, usesByAws } from './role.ts';
import type { Names } from './role.ts';
import { usesOf } from './uses.ts';
import type { Use } from './uses.ts';
import { userDataScript } from '../templates/user-data-script.ts';

const account = '123456789012';

/** Server and labeler over the local cloud, with a recorder before each of its services. */
async function startRecorded(t: TestContext) {
  const cloud = await startCloud();
  t.after(cloud.close);
  const {
    AWS_REGION: region = '',
    BUCKET: bucket = '',
    RENDITIONS_BUCKET: renditions = '',
    DYNAMO_TABLE: table = '',
  } = cloud.env;
  const names: Names = { region, account, bucket, renditions, table, artifactsBucket: 'artifacts' };

  const services = ['DYNAMODB', 'S3', 'REKOGNITION'].map((service) => `AWS_ENDPOINT_URL_${service}`);
  const recorders = await Promise.all(
    services.map((service) => recordIamActions(cloud.env[service] ?? '', names)),
  );
  for (const [index, recorder] of recorders.entries()) {
    t.after(recorder.close);
    cloud.env[services[index] ?? ''] = recorder.endpoint;
  }
  Object.assign(process.env, cloud.env, { PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'warn' });

  const handler = await importLabeler();
  cloud.onObjectCreated(handler);
  const { server } = await import('../../server.ts');
  if (!server.listening) await once(server, 'listening');
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  // A TCP server's address is not a string.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    names,
    late: (key: string) =>
      handler({
        Records: [
          {
            eventName: 'ObjectCreated:Put',
            s3: { bucket: { name: bucket }, object: { key, versionId: 'gone', sequencer: '01' } },
          },
        ],
      }),
    uses: () => recorders.flatMap((recorder) => recorder.uses()),
  };
}

const asAda = { authorization: 'ada', 'content-type': 'application/json' };

interface Post {
  id: string;
  image?: string;
  labels?: string[];
}

async function call<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url, { headers: asAda, ...init });
  ok(response.ok, `${init.method ?? 'GET'} ${url}: ${response.status}`);
  // What the contract promises of the call.
  return (await response.json()) as T;
}

/** Everything that somebody can do, once. @param late delivers the event of a photo that is not there */
async function useEverything(url: string, late: (key: string) => Promise<void>): Promise<void> {
  const { id } = await call<Post>(`${url}/posts`, {
    method: 'POST',
    body: JSON.stringify({ title: 'A cat', body: 'Chelsea' }),
  });
  const postId = id.replace('POST#', '');
  const query = new URLSearchParams({ filename: 'a b+c#é.jpg', filetype: 'image/jpeg', postId });
  const upload = await call<{ uploadURL: string }>(`${url}/signedUrlPut?${query}`);
  const photo = await readFile(new URL('../photos/chelsea.jpg', import.meta.url));
  const put = await fetch(upload.uploadURL, {
    method: 'PUT',
    headers: { 'content-type': 'image/jpeg' },
    body: photo,
  });
  equal(put.status, 200);

  const post = await eventually(async () => {
    const found = await call<Post>(`${url}/posts/${postId}`);
    ok(found.labels?.includes('Cat'), 'no labels yet');
    return found;
  });
  equal((await fetch(post.image ?? '')).status, 200);
  await call(`${url}/posts/${postId}`, { method: 'PATCH', body: JSON.stringify({ labels: ['Chelsea'] }) });
  equal((await call<Post[]>(`${url}/posts?label=chelsea`)).length, 1);
  deepEqual(await call(`${url}/labels`), [{ label: 'Chelsea', count: 1, more: false }]);
  // As an event may come after somebody else deleted what it is of.
  await late(`ada/${postId}/${'f'.repeat(8)}-ffff-7fff-8fff-${'f'.repeat(12)}cat.jpg`);
  equal((await call<Post[]>(`${url}/posts`)).length, 1);
  equal((await call<Post[]>(`${url}/posts?user=ada`)).length, 1);
  await call(`${url}/posts/${postId}/image`, { method: 'DELETE' });
  await call(`${url}/posts/${postId}`, { method: 'DELETE' });
}

/** What the user data fetches with the role of the instance: `aws s3 cp` reads the object's head and the object. */
function bundleUse(names: Names): Use {
  const script = userDataScript({ ArtifactsBucket: names.artifactsBucket });
  const [, bucket, key] = /'s3:\/\/([^/']+)\/([^']+)'/.exec(script) ?? [];
  return { action: 's3:GetObject', resource: `arn:aws:s3:::${bucket}/${key}` };
}

test('the role allows what server, labeler and instance do, and nothing that nobody needs', async (t) => {
  const { url, names, uses, late } = await startRecorded(t);
  await useEverything(url, late);
  const all = [...uses(), bundleUse(names)];

  ok(all.some(({ action }) => action === 'rekognition:DetectLabels'));
  await assertRoleFits(names, all);

  const withoutPosting = all.filter(({ action }) => action !== 'dynamodb:PutItem');
  await rejects(assertRoleFits(names, withoutPosting), /used by nobody/);
  await rejects(
    assertRoleFits(names, [...all, { action: 'dynamodb:Scan', resource: String(all[0]?.resource) }]),
    /denied/,
  );
});

describe('requests in the words of IAM', () => {
  const place = { region: 'eu-west-1', account };
  const rows: [string, { method?: string; url?: string; target?: string; body?: string }, string[]][] = [
    [
      'a table',
      { target: 'DynamoDB_20120810.GetItem', body: '{"TableName":"t"}' },
      ['dynamodb:GetItem arn:aws:dynamodb:eu-west-1:123456789012:table/t'],
    ],
    [
      'items of a table',
      { target: 'DynamoDB_20120810.BatchGetItem', body: '{"RequestItems":{"t":{"Keys":[]}}}' },
      ['dynamodb:BatchGetItem arn:aws:dynamodb:eu-west-1:123456789012:table/t'],
    ],
    [
      'an index',
      { target: 'DynamoDB_20120810.Query', body: '{"TableName":"t","IndexName":"i"}' },
      ['dynamodb:Query arn:aws:dynamodb:eu-west-1:123456789012:table/t/index/i'],
    ],
    [
      'a photo that Rekognition reads',
      { target: 'RekognitionService.DetectLabels', body: '{"Image":{"S3Object":{"Bucket":"b","Name":"k"}}}' },
      ['rekognition:DetectLabels *', 's3:GetObject arn:aws:s3:::b/k'],
    ],
    [
      'a version that Rekognition reads',
      {
        target: 'RekognitionService.DetectLabels',
        body: '{"Image":{"S3Object":{"Bucket":"b","Name":"k","Version":"v"}}}',
      },
      ['rekognition:DetectLabels *', 's3:GetObjectVersion arn:aws:s3:::b/k'],
    ],
    [
      'an upload',
      { method: 'PUT', url: '/b/a/x%20y?X-Amz-Signature=0' },
      ['s3:PutObject arn:aws:s3:::b/a/x y'],
    ],
    ['the head of an object', { method: 'HEAD', url: '/b/k' }, ['s3:GetObject arn:aws:s3:::b/k']],
    [
      'an old version',
      { method: 'DELETE', url: '/b/k?versionId=1' },
      ['s3:DeleteObjectVersion arn:aws:s3:::b/k'],
    ],
    ['a list of versions', { url: '/b?versions&prefix=a' }, ['s3:ListBucketVersions arn:aws:s3:::b']],
    ['a listing', { url: '/b?list-type=2&prefix=a' }, ['s3:ListBucket arn:aws:s3:::b']],
    [
      'many deletions',
      {
        method: 'POST',
        url: '/b?delete',
        body: '<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>&#233;</Key><VersionId>v</VersionId></Object></Delete>',
      },
      [
        's3:DeleteObject arn:aws:s3:::b/a&b',
        's3:DeleteObject arn:aws:s3:::b/é',
        's3:DeleteObjectVersion arn:aws:s3:::b/é',
      ],
    ],
  ];
  for (const [what, { method = 'GET', url = '/', target, body = '' }, expected] of rows)
    test(what, () => {
      const headers = target === undefined ? {} : { 'x-amz-target': target };
      const uses = usesOf({ method, url, headers, body }, place);
      deepEqual(
        uses.map(({ action, resource }) => `${action} ${resource}`),
        expected,
      );
    });

  test('a request that is not known is an error, not a silence', () => {
    for (const url of ['/b?tagging', '/'])
      try {
        usesOf({ method: 'PUT', url, headers: {}, body: '' }, place);
        throw new Error('passed');
      } catch (error) {
        match(String(error), /Not known/);
      }
  });
});

test("another stack's table, bucket and queue are denied", async () => {
  const names: Names = {
    region: 'eu-west-1',
    account,
    bucket: 'b',
    renditions: 'r',
    table: 't',
    artifactsBucket: 'a',
  };
  const foreign = [
    { action: 'dynamodb:GetItem', resource: `arn:aws:dynamodb:eu-west-1:${account}:table/other` },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::other/k' },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::a/outside/server' },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::a/functions/code.zip' },
    { action: 's3:PutObject', resource: 'arn:aws:s3:::a/server/bundle.tar.gz' },
    { action: 'sqs:SendMessage', resource: `arn:aws:sqs:eu-west-1:${account}:other` },
  ];
  deepEqual(await denied(rolePolicy(names), foreign, names), foreign);
  deepEqual(await denied(rolePolicy(names), usesByAws(names), names), []);
});
