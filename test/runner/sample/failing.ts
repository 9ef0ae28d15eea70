/** Run by results.test.ts alone: a test whose labeler logs, and which passes or, with FAIL=1, does not. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { importLabeler } from '../../support/labeler.ts';

Object.assign(process.env, {
  BUCKET: 'b',
  RENDITIONS_BUCKET: 'r',
  DYNAMO_TABLE: 't',
  AWS_REGION: 'eu-west-1',
});

it('logs', async () => {
  const handler = await importLabeler();
  await handler({ Records: [] });
  await handler({
    Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'b' }, object: { key: 'no-photo' } } }],
  });
  assert.notEqual(process.env.FAIL, '1');
});
