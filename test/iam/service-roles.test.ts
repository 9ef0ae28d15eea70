// What test/cloud says of the roles of services is worth as much as what it would notice: here by a list of uses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { service } from '../../services/blobs/service.ts';
import { assertServiceRolesFit, type Deployed } from './service-roles.ts';
import type { Use } from './uses.ts';

const place = { region: 'eu-west-1', account: '000000000000' };
const table = 'arn:aws:dynamodb:eu-west-1:000000000000:table/blobs';
const bucket = 'arn:aws:s3:::blobs-images-cloud-000000000000-eu-west-1';

const names = (...ids: string[]) => Object.fromEntries(ids.map((id) => [id, `the-${id}`]));
const keys = service.functions.map(({ name }) => [`${name}CodeKey`, 'key']);
const parameters = {
  Stage: 'cloud',
  ArtifactsBucket: 'artifacts',
  BlobsTable: 'blobs',
  PermissionsBoundary: '',
  ...Object.fromEntries(keys),
};
const deployed: Record<string, Deployed> = {
  data: { parameters, names: { ...names('Labeler'), Blobs: 'blobs' } },
  callbacks: {
    parameters: { ...parameters, CallbackSecret: 'secret', BlobsStream: `${table}/stream/2026` },
    names: names('Deliverer', 'Retrier'),
  },
  api: {
    parameters: { ...parameters, ImagesBucket: 'blobs-images-cloud-000000000000-eu-west-1' },
    names: names('Api'),
  },
};

/** What each function asks of AWS: `test/cloud/blobs.test.ts` has it from the functions themselves. */
const asked = () => ({
  'the-Labeler': [
    ...on(table, 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
    ...on('*', 'rekognition:DetectLabels'),
    ...on(
      `${bucket}/blobs/a/b`,
      's3:GetObject',
      's3:GetObjectVersion',
      's3:DeleteObject',
      's3:DeleteObjectVersion',
    ),
    ...on(bucket, 's3:ListBucket', 's3:ListBucketVersions'),
  ],
  'the-Deliverer': on(table, 'dynamodb:UpdateItem'),
  'the-Retrier': [...on(table, 'dynamodb:UpdateItem'), ...on(`${table}/index/callbacks`, 'dynamodb:Query')],
  'the-Api': [
    ...on(table, 'dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'),
    ...on(`${bucket}/blobs/a/b`, 's3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'),
    ...on(bucket, 's3:ListBucketVersions'),
  ],
});
const on = (resource: string, ...actions: string[]): Use[] => actions.map((action) => ({ action, resource }));

const check = (uses: Record<string, Use[]>) =>
  assertServiceRolesFit(service, deployed, (name) => uses[name] ?? [], place);

test('roles that allow each function what it asks, and no more, are found to fit', () => check(asked()));

test('an action that only another function may use is denied', async () => {
  const uses = asked();
  uses['the-Deliverer'].push(...on(table, 'dynamodb:GetItem'));
  await assert.rejects(check(uses), /denied to DelivererRole/);
});

test('an action that all other functions use too is one too many where it is not used', async () => {
  for (const [name, mine] of Object.entries(asked())) {
    const uses = { ...asked(), [name]: mine.filter(({ action }) => action !== 'dynamodb:UpdateItem') };
    await assert.rejects(check(uses), new RegExp(`allowed to ${name.slice(4)}Role, but not used`));
  }
});
