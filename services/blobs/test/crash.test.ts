// `npm run crash -- blobs` in small, killed where the test wants it; and what its verdict would notice.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Blob } from '../../../local/crash/blobs/clients.ts';
import type { Arrival } from '../../../local/crash/blobs/receiver.ts';
import { verify } from '../../../local/crash/blobs/verify.ts';
import { startChild } from '../../../local/crash/processes.ts';
import { byId, readTable } from '../../../local/crash/read.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { temporaryFolder } from '../../../test/support/local-bucket.ts';
import { startRekognition } from '../../../test/support/rekognition.ts';
import { type Answer, type Received, startReceiver } from './receiver.ts';

const SECRET = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const BLOBS = 20;
const TABLE = 'blobs-blobs-local';
const createdSchema = v.object({ body: v.object({ id: v.string(), upload_url: v.string() }) });
const never = () => new Promise<never>(() => undefined);

test(
  'no callback is lost by kill -9 in the middle of a label and of a try',
  { timeout: 900_000 },
  async (t) => {
    const dataDir = await temporaryFolder(t);
    const rekognition = await startRekognition({ after });
    const arrivals: Arrival[] = [];
    let hold = true;
    const { url: receiver } = await startReceiver(
      { after },
      [SECRET],
      async ({ id, body }: Received): Promise<Answer> => {
        const { blobId } = v.parse(v.object({ blobId: v.string() }), body);
        const arrival: Arrival = { blobId, webhookId: id, body, at: performance.now() };
        arrivals.push(arrival);
        // The fifth is never answered, and each third one at first refused.
        if (hold && arrivals.length === 5) return never();
        arrival.answer = hold && arrivals.length % 3 === 0 ? 500 : 200;
        arrival.answeredAt = performance.now();
        return { status: arrival.answer };
      },
    );

    const start = (env: Record<string, string> = {}) =>
      startChild('local/crash/blobs/cloud.ts', {
        ...env,
        LABELS: 'none',
        LOCAL_DATA_DIR: dataDir,
        LOG_LEVEL: 'silent',
        BLOBS_CALLBACK_SECRET: SECRET,
        AWS_ENDPOINT_URL_REKOGNITION: rekognition.url,
      });
    let cloud = await start();
    t.after(() => cloud.end('SIGKILL'));
    // What cloud.ts prints.
    const env = JSON.parse(cloud.line) as Record<string, string>;
    const again = async () => {
      await cloud.end('SIGKILL');
      cloud = await start(env);
    };

    rekognition.answer = () => (rekognition.asked.length === 7 ? never() : ['Cat']);
    const blobs: Blob[] = [];
    for (let i = 0; i < BLOBS; i++) {
      const response = await fetch(`${env.URL}/blobs`, {
        method: 'POST',
        body: JSON.stringify({ callback_url: receiver }),
      });
      const { id, upload_url } = v.parse(createdSchema, await response.json()).body;
      assert.equal((await fetch(upload_url, { method: 'PUT', body: Buffer.from('an image') })).status, 200);
      blobs.push({ id, key: /blobs\/[^?]*/.exec(upload_url)?.[0] ?? '', puts: 1 });
    }
    await eventually(() =>
      assert.ok(rekognition.asked.length >= 7 && arrivals.length >= 5, 'not enough yet'),
    );
    await again();

    // Every one has had a try, or has one under way that was cut off; one that was refused is deleted.
    const gone = await eventually(async () => {
      const items = byId(await readTable(env, TABLE));
      for (const { id } of blobs) assert.notEqual(items.get(id)?.callback_tries?.N ?? '0', '0');
      const found = [...items].find(([, one]) => one.callback_problem?.S === 'the receiver answered 500');
      assert.ok(found, 'one was refused');
      return found[0];
    });
    const refused = arrivals.find(({ blobId }) => blobId === gone);
    const deleted = blobs.find(({ id }) => id === gone);
    assert.ok(deleted);
    assert.equal((await fetch(`${env.URL}/blobs/${deleted.id}`, { method: 'DELETE' })).status, 200);
    deleted.deletedAt = performance.now();

    hold = false;
    await cloud.end('SIGKILL');
    cloud = await start(env);
    await makeDue(env);
    // What is due at its start, the clock does not have to come round for.
    await again();
    const world = { env, dataDir, blobs, arrivals, forged: [] };
    await eventually(async () => assert.deepEqual(none(await verify(world)), {}));

    // Each loss, made by hand.
    const [first] = arrivals.filter(({ blobId, answer }) => answer === 200 && blobId !== deleted.id);
    assert.ok(first);
    const found = async (some: Partial<typeof world>) =>
      Object.keys(none(await verify({ ...world, ...some })));
    const without = arrivals.filter(({ blobId }) => blobId !== first.blobId);
    assert.deepEqual(await found({ arrivals: without }), ['callbacks lost']);
    const late = { ...first, blobId: deleted.id, body: { blobId: deleted.id, labels: ['Cat'] } };
    assert.ok(refused);
    const ghost = { ...late, webhookId: refused.webhookId, at: performance.now() };
    assert.deepEqual(await found({ arrivals: [...arrivals, ghost] }), ['callbacks of deleted blobs']);
    assert.deepEqual(await found({ arrivals: [...arrivals, { ...first, webhookId: 'other' }] }), [
      'ids that differ',
    ]);
    assert.deepEqual(await found({ arrivals: [...arrivals, { ...first, body: {} }] }), [
      'callbacks that say something else',
    ]);
    assert.deepEqual(await found({ forged: ['x'] as never[] }), ['wrong signatures']);
  },
);

/** What was found that should not be. */
const none = (findings: Awaited<ReturnType<typeof verify>>) =>
  Object.fromEntries(Object.entries(findings).filter(([, found]) => found.length > 0));

/** A minute and more later, for all callbacks that wait. */
async function makeDue(env: Record<string, string>) {
  const credentials = {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
  };
  const endpoint = env.AWS_ENDPOINT_URL_DYNAMODB ?? '';
  const client = new DynamoDBClient({ region: env.AWS_REGION ?? '', endpoint, credentials });
  const documents = DynamoDBDocumentClient.from(client);
  for (const [id, { callback_state: state }] of byId(await readTable(env, TABLE)))
    if (state)
      await documents.send(
        new UpdateCommand({
          TableName: TABLE,
          Key: { id },
          UpdateExpression: 'SET next_try = :now',
          ExpressionAttributeValues: { ':now': new Date().toISOString() },
        }),
      );
  client.destroy();
}
