import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { createDocuments } from '../../../src/aws/documents.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { startRekognition } from '../../../test/support/rekognition.ts';
import { openServiceWays } from '../../../test/support/service-ways.ts';
import { createCallbackStore } from '../callback-store.ts';
import { createDeliver } from '../deliver.ts';
import { safePost } from '../safe-post.ts';
import { type Received, startReceiver } from './receiver.ts';

const OLD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NEW = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const rekognition = await startRekognition({ after });
const { call, cloud } = await openServiceWays({ after }, 'blobs', {
  env: {
    AWS_ENDPOINT_URL_REKOGNITION: rekognition.url,
    BLOBS_CALLBACK_SECRET: NEW,
    BLOBS_CALLBACK_SECRET_OLD: OLD,
  },
});
const TABLE = 'blobs-blobs-local';
const documents = createDocuments('eu-west-1');

const receiver = (answer: Parameters<typeof startReceiver>[2]) =>
  startReceiver({ after }, [OLD, NEW], answer);

const createdSchema = v.object({ body: v.object({ id: v.string(), upload_url: v.string() }) });

async function blobWith(callback_url: string, upload = true) {
  const { json, status } = await call('POST', '/blobs', { body: { callback_url } });
  assert.equal(status, 201);
  const { body } = v.parse(createdSchema, json);
  if (upload) await put(body.upload_url);
  return body;
}
const put = (url: string) => fetch(url, { method: 'PUT', body: Buffer.from('an image') });

const item = async (id: string) =>
  (await documents.send(new GetCommand({ TableName: TABLE, Key: { id }, ConsistentRead: true }))).Item;
const stateIs = (id: string, state: string) =>
  eventually(async () => assert.equal((await item(id))?.blob_state, state));
const idOf = ({ body }: Received) => v.parse(v.object({ blobId: v.string() }), body).blobId;

/** Nothing is left to be dealt with. */
const settled = () => eventually(() => assert.equal(cloud.pendingEvents(), 0));
const dueSchema = v.object({ webhook_id: v.string(), callback_tries: v.number() });

/** The first try is over, and the next one waits. */
const postponed = (id: string) =>
  eventually(async () => assert.ok((await item(id))?.callback_problem !== undefined, 'no problem yet'));

const store = createCallbackStore(documents, TABLE);
const minutes = (count: number) => new Date(Date.now() + count * 60_000);

/** What calls back at a time of the test's choice. */
const delivering = (time: Date) =>
  createDeliver({
    callbacks: store,
    post: (url, message) => safePost(url, message, { loopback: true }),
    secrets: [NEW, OLD],
    log: () => undefined,
    now: () => time,
  });

/** What the retrier does. @returns how many were due */
async function retryAt(time: Date): Promise<number> {
  let count = 0;
  for await (const page of store.due(time)) {
    count += page.length;
    await Promise.all(page.map(delivering(time)));
  }
  return count;
}

test('a blob with labels is called back, signed by both secrets; one without as well', async () => {
  const { received, url } = await receiver(() => ({ status: 200 }));
  const good = await blobWith(url);
  await stateIs(good.id, 'PROCESSED_WITH_CALLBACK');
  rekognition.answer = () => ({ status: 400, error: 'InvalidImageFormatException' });
  const bad = await blobWith(url);
  await stateIs(bad.id, 'PROCESSED_WITH_CALLBACK');
  rekognition.answer = () => ['Cat'];
  assert.deepEqual(
    received.map(({ body }) => body),
    [
      { blobId: good.id, labels: ['Cat'] },
      {
        blobId: bad.id,
        rekognition_error: 'The photo is not a JPEG or PNG image, or it is damaged.',
      },
    ],
  );
  assert.equal((await call('GET', `/blobs/${good.id}`)).status, 200);
  assert.equal((await item(good.id))?.callback_state, undefined, 'out of the index');
});

test('what fails is tried again, under the same id', async () => {
  const answers = [{ status: 500 }, { status: 302, headers: { location: 'http://127.0.0.1:1/' } }];
  const { received, url } = await receiver(() => answers.shift() ?? { status: 204 });
  const { id } = await blobWith(url);
  await postponed(id);
  assert.equal(await retryAt(minutes(0)), 0, 'not at once');
  assert.equal(await retryAt(minutes(1.5)), 1);
  assert.equal((await item(id))?.callback_problem, 'the receiver answered 302');
  assert.equal((await item(id))?.blob_state, 'PROCESSED');
  assert.equal(await retryAt(minutes(4)), 0, 'a longer pause');
  assert.equal(await retryAt(minutes(9)), 1);
  assert.equal((await item(id))?.blob_state, 'PROCESSED_WITH_CALLBACK');
  assert.deepEqual([received.length, new Set(received.map((one) => one.id)).size], [3, 1]);
});

test('a replaced image is called back under another id', async () => {
  const { received, url } = await receiver(() => ({ status: 200 }));
  const { id } = await blobWith(url);
  await stateIs(id, 'PROCESSED_WITH_CALLBACK');
  const renewed = await call('POST', `/blobs/${id}/upload_url`);
  assert.equal((await item(id))?.blob_state, 'CREATED');
  await put(v.parse(createdSchema, renewed.json).body.upload_url);
  await stateIs(id, 'PROCESSED_WITH_CALLBACK');
  assert.equal(new Set(received.map((one) => one.id)).size, 2);
});

test('410 ends it; a dead letter keeps its reason', async () => {
  const { received, url } = await receiver(() => ({ status: 410 }));
  const { id } = await blobWith(url);
  await eventually(async () => assert.equal((await item(id))?.callback_state, 'dead'));
  assert.match(String((await item(id))?.callback_problem), /410/);
  assert.equal(received.length, 1);
});

test('none for a blob that was deleted before its callback got through', async () => {
  const { received, url } = await receiver(() => ({ status: 503 }));
  const { id } = await blobWith(url);
  await postponed(id);
  const due = { id, ...v.parse(dueSchema, await item(id)) };
  await call('DELETE', `/blobs/${id}`);
  // A record of the stream, or a page of the index, from before.
  await delivering(minutes(2))(due);
  await retryAt(minutes(2));
  assert.deepEqual([received.length, await item(id)], [1, undefined]);
});

test('one try for a callback that is due, however often that is said', async () => {
  const { received, url } = await receiver(() => ({ status: 500 }));
  const { id } = await blobWith(url);
  await postponed(id);
  const { webhook_id, callback_tries } = v.parse(dueSchema, await item(id));
  const due = { id, webhook_id, callback_tries };
  const deliver = delivering(minutes(2));
  await Promise.all([deliver(due), deliver(due), deliver({ ...due, callback_tries: 0 })]);
  assert.equal(received.length, 2);
});

test('a blob that is deleted, or gets another image, during a try is as if there had been none', async () => {
  for (const status of [200, 410, 500]) {
    const { url } = await receiver(async (one) => {
      await call('DELETE', `/blobs/${idOf(one)}`);
      return { status };
    });
    const { id } = await blobWith(url);
    await eventually(async () => assert.equal(await item(id), undefined));
    await settled();
    assert.equal(await item(id), undefined, `after ${status}`);

    const other = await receiver(async (one) => {
      await call('POST', `/blobs/${idOf(one)}/upload_url`);
      return { status };
    });
    const replaced = await blobWith(other.url);
    await eventually(() => assert.equal(other.received.length, 1));
    await settled();
    const {
      blob_state: state,
      callback_state: due,
      callback_problem: problem,
    } = (await item(replaced.id)) ?? {};
    assert.deepEqual([state, due, problem], ['CREATED', undefined, undefined], `after ${status}`);
  }
});

test('every callback arrives, whatever fails', async () => {
  // A generator of Park and Miller's, so that each run is the same.
  let seed = 42;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const failures = new Map<string, number>();
  const { received, url } = await receiver(async ({ id }) => {
    await new Promise((resolve) => setTimeout(resolve, random() * 20));
    const failed = failures.get(id) ?? 0;
    if (random() > 0.4 || failed === 4) return { status: 200 };
    failures.set(id, failed + 1);
    return { status: 500 };
  });
  const blobs = await Promise.all(Array.from({ length: 30 }, () => blobWith(url)));
  await eventually(async () => {
    for (const { id } of blobs) {
      const { blob_state: state, callback_problem: problem } = (await item(id)) ?? {};
      assert.ok(state === 'PROCESSED_WITH_CALLBACK' || problem !== undefined, 'still under way');
    }
  });
  const gone = blobs.slice(0, 3);
  for (const { id } of gone) await call('DELETE', `/blobs/${id}`);
  const before = received.length;
  for (const time of [2, 10, 30, 100]) await retryAt(minutes(time));
  const late = received.slice(before).map(idOf);
  for (const { id } of gone) assert.ok(!late.includes(id), 'deleted');
  for (const { id } of blobs.slice(3)) {
    assert.equal((await item(id))?.blob_state, 'PROCESSED_WITH_CALLBACK');
    const tries = received.filter((one) => idOf(one) === id);
    assert.equal(new Set(tries.map((one) => one.id)).size, 1, 'one id for all tries');
  }
});
