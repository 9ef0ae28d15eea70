import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { artifactsBucketOf, bucketExists, ensureBucket } from '../../deploy/build/artifacts-bucket.ts';
import { DeployFailure } from '../../deploy/cloudformation/failure.ts';
import { bucketOf } from './one-bucket-s3.ts';

const place = { stage: 'dev', account: '123456789012', partition: 'aws', region: 'eu-west-1' };
const bucket = artifactsBucketOf(place);

describe('the artifacts bucket of a stage', () => {
  it('has one name, which S3 takes even where stage and region are longest', () => {
    assert.equal(bucket.name, 'postagram-artifacts-dev-123456789012-eu-west-1');
    const longest = artifactsBucketOf({ ...place, stage: 'a23456789012345', region: 'ap-southeast-1' });
    assert.equal(longest.name.length, 63);
  });

  it('is made private, owned by this account, encrypted, TLS only, and forgets half-done uploads', async (t) => {
    const { s3, asked } = await bucketOf(t, { HEAD: [404, 'NotFound'] });
    await ensureBucket(s3, bucket);
    assert.deepEqual(
      asked.map(({ what }) => what),
      [
        'HEAD',
        'PUT',
        'PUT publicAccessBlock',
        'PUT ownershipControls',
        'PUT encryption',
        'PUT policy',
        'PUT lifecycle',
        'PUT tagging',
      ],
    );
    const body = (what: string) => asked.find((one) => one.what === what)?.body ?? '';
    assert.match(body('PUT'), /<LocationConstraint>eu-west-1</);
    assert.equal(body('PUT publicAccessBlock').match(/>true</g)?.length, 4);
    assert.match(body('PUT ownershipControls'), /BucketOwnerEnforced/);
    assert.match(body('PUT encryption'), /AES256/);
    assert.match(body('PUT lifecycle'), /<DaysAfterInitiation>1</);
    assert.match(body('PUT tagging'), /<Key>Stage<\/Key><Value>dev</);
    const [statement] = JSON.parse(body('PUT policy')).Statement;
    assert.deepEqual(statement.Condition, { Bool: { 'aws:SecureTransport': 'false' } });
    assert.deepEqual(statement.Resource, [`arn:aws:s3:::${bucket.name}`, `arn:aws:s3:::${bucket.name}/*`]);
  });

  it('is asked for and set up only as one of this account: a bucket’s name says nothing about its owner', async (t) => {
    const { s3, asked } = await bucketOf(t, {});
    await ensureBucket(s3, bucket);
    assert.ok(!asked.some(({ what }) => what === 'PUT'), 'made though it is there');
    for (const { what, owner } of asked) assert.equal(owner, place.account, what);
  });

  it('names no region in us-east-1, where S3 refuses that', async (t) => {
    const { s3, asked } = await bucketOf(t, { HEAD: [404, 'NotFound'] }, 'us-east-1');
    await ensureBucket(s3, artifactsBucketOf({ ...place, region: 'us-east-1' }));
    assert.doesNotMatch(asked[1]?.body ?? '', /LocationConstraint/);
  });

  it('is set up too when another run made it at the same moment', async (t) => {
    const { s3, asked } = await bucketOf(t, {
      HEAD: [404, 'NotFound'],
      PUT: [409, 'BucketAlreadyOwnedByYou'],
    });
    await ensureBucket(s3, bucket);
    assert.equal(asked.at(-1)?.what, 'PUT tagging');
  });

  const foreign: [string, Parameters<typeof bucketOf>[1]][] = [
    ['is another account’s', { HEAD: [403, 'AccessDenied'] }],
    ['was taken by another account', { HEAD: [404, 'NotFound'], PUT: [409, 'BucketAlreadyExists'] }],
  ];
  for (const [what, answers] of foreign)
    it(`is left alone when it ${what}`, async (t) => {
      const { s3, asked } = await bucketOf(t, answers);
      await assert.rejects(ensureBucket(s3, bucket), (error: unknown) => {
        assert.ok(error instanceof DeployFailure);
        assert.match(error.message, /belongs to another account/);
        return true;
      });
      assert.ok(!asked.some(({ what: one }) => one === 'PUT policy'));
    });

  it('is not there when S3 says so', async (t) => {
    const { s3 } = await bucketOf(t, { HEAD: [404, 'NotFound'] });
    assert.equal(await bucketExists(s3, bucket), false);
  });
});
