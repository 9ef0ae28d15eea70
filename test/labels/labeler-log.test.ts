import assert from 'node:assert/strict';
import { after, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { startLabeledService } from '../support/labeled-service.ts';
import { uuidOf } from '../support/shapes.ts';

const { aws, handler, newPost, putPhoto, record, rekognition, s3 } = await startLabeledService({ after });
const NAMES = /Zo|M(ü|%C3)|cat|dog/i;

/** The lines that the labeler writes for the records of one event, and what it throws. */
async function logOf(t: TestContext, ...records: unknown[]) {
  const write = t.mock.method(console, 'log', () => {});
  const thrown = await handler({ Records: records }).then(
    () => '',
    (error: unknown) => inspect(error, { depth: 10, showHidden: true }),
  );
  const lines = write.mock.calls.map(({ arguments: [line] }) => String(line));
  write.mock.restore();
  return { thrown, text: lines.join('\n'), lines: lines.map((line) => JSON.parse(line)) };
}

it('a photo is logged by the ids of post and photo, never by its key: it has the name of a user and of a file', async (t) => {
  const [post, stale] = [await newPost(), await newPost()];
  const old = await putPhoto(stale);
  await handler({ Records: [record({ key: await putPhoto(stale) })] });
  const key = await putPhoto(post);
  const { lines, text } = await logOf(t, record({ key }), record({ key: old }), record({ key: 'cat.jpg' }));
  assert.deepEqual(
    lines.map(({ msg, post: uuid, photo }) => [msg, uuid, photo]).toSorted(),
    [
      ['not a photo, skipped', undefined, undefined],
      ['obsolete', uuidOf(stale), old.split('/')[2]?.slice(0, 36)],
      ['labelled', uuidOf(post), key.split('/')[2]?.slice(0, 36)],
    ].toSorted(),
  );
  assert.doesNotMatch(text.replaceAll('"labels":["Cat"]', ''), NAMES);
});

it('a photo to try again is logged with the reason, and neither that nor what Lambda logs has the key', async (t) => {
  const post = await newPost();
  const key = await putPhoto(post);
  rekognition.answer = () => ({ status: 400, error: 'InvalidS3ObjectException' });
  const resource = `arn:aws:s3:::postagram-local/${key}`;
  const refusal = {
    status: 403,
    body: `<Error><Code>AccessDenied</Code><Message>not authorized on resource: "${resource}" because no policy allows it</Message><Key>${key}</Key><RequestId>R1</RequestId></Error>`,
  };
  s3.decide = () => refusal;
  const head = await logOf(t, record({ key }));
  rekognition.answer = () => ['Label'];
  s3.decide = ({ operation }) => (operation === 'HEAD' ? 'pass' : refusal);
  await aws.put(`${post.prefix}0`, 'an older photo');
  const list = await logOf(t, record({ key }));
  for (const { lines, text, thrown } of [head, list]) {
    assert.equal(lines.length, 1);
    assert.deepEqual([lines[0].msg, lines[0].post], ['to try again', uuidOf(post)]);
    assert.equal(lines[0].err.status, 403);
    assert.match(thrown, /1 photos to try again/);
    assert.doesNotMatch(text + thrown, NAMES);
  }
  assert.match(list.text, /AccessDenied.*because no policy allows it/);
});
