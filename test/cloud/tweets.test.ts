import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as v from 'valibot';
import { problemIn } from '../support/shapes.ts';
import { startServiceStage, type ServiceStage } from './service-stage.ts';

const flags = ['--stage=cloud', '--yes'];
const userId = 'ada+test@example.com';
const tweet = {
  userId,
  id: 'one',
  tweetInfo: { userName: 'ada', createdAt: '2024-01-01T00:00:00Z' },
  tweetContent: { message: 'こんにちは', imgName: 'one.png' },
  tweetUserAction: { good: 0, comments: [] },
};

describe('the tweets service on an emulated AWS that enforces IAM', () => {
  let stage: ServiceStage;
  let outputs: Record<string, string>;

  before(async () => {
    stage = await startServiceStage('tweets');
    await stage.deploy('--origin=https://twitter.example.com', ...flags);
    outputs = await stage.outputs();
  });
  after(() => stage.close());

  /** POSTs to an output of the stack, which ends in a slash. */
  async function post(output: string, body: object) {
    const url = outputs[output] ?? '';
    assert.match(url, /\/v1\/api\/[a-z_]+\/$/);
    const { call } = await stage.open(url);
    return call('POST', '/', { body });
  }

  it('has the outputs and names that its clients know', () => {
    for (const name of ['TweetActionFunction', 'GeneratePresignedUrlFunction']) {
      assert.match(outputs[name] ?? '', /^arn:aws:lambda:/);
      assert.match(outputs[`${name}IamRole`] ?? '', /^arn:aws:iam:/);
    }
    assert.equal(outputs.TweetsTable, 'Tweets');
  });

  it('answers a page’s calls through API Gateway, with an e-mail address as userId', async () => {
    for (const call of ['create', 'again']) {
      const created = await post('CreateTweetApi', tweet);
      assert.deepEqual([call, created.status, created.json], [call, 200, { isSuccess: true }]);
    }
    problemIn(await post('CreateTweetApi', { ...tweet, tweetContent: { message: 'other' } }), 409);
    const fetched = await post('FetchTweetApi', { userIds: [userId, 'nobody'] });
    assert.deepEqual([fetched.status, fetched.json], [200, { tweets: [tweet] }]);
    assert.match(problemIn(await post('FetchTweetApi', { userIds: ['a/b'] }), 422), /^userIds/);

    const image = { userId, tweetId: 'one' };
    const schema = v.strictObject({ presignedUrl: v.string() });
    const upload = v.parse(schema, (await post('GeneratePresignedUrlApi', image)).json).presignedUrl;
    const put = await fetch(upload, { method: 'PUT', body: 'a picture' });
    assert.equal(put.status, 200, upload + (await put.text()));
    const download = v.parse(schema, (await post('GenerateDownloadUrlApi', image)).json).presignedUrl;
    assert.equal(await (await fetch(download)).text(), 'a picture');
    const tampered = download.replace('one.png', 'two.png');
    assert.equal((await fetch(tampered)).status, 403);

    const removed = await post('DeleteTweetApi', { userId, id: 'one' });
    assert.deepEqual([removed.status, removed.json], [200, { isSuccess: true }]);
    assert.equal((await fetch(download)).status, 404);
    problemIn(await post('DeleteTweetApi', { userId, id: 'one' }), 404);
  });

  it('has roles that allow what it asks of AWS, and no more', () => stage.assertRolesFit('cloud'));

  it('has nothing to change at the next run', async () => {
    assert.match(
      await stage.deploy('diff', ...flags),
      /tweets-data-cloud: no changes[^]*tweets-api-cloud: no changes/,
    );
  });

  it('leaves table and bucket with down, and nothing with down --data', async () => {
    await stage.deploy('down', ...flags);
    const left = await stage.remains();
    for (const name of [outputs.TweetsTable, outputs.ImagesBucket])
      assert.ok(left.includes(name ?? ''), `${name} is kept`);
    await stage.deploy('down', '--data', '--confirm-stage=cloud', ...flags);
    assert.deepEqual(await stage.remains(), []);
  });
});
