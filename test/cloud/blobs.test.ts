import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { startReceiver } from '../../services/blobs/test/receiver.ts';
import { eventually } from '../support/eventually.ts';
import { credentials, region } from './ministack.ts';
import { startServiceStage, type ServiceStage } from './service-stage.ts';

const flags = ['--stage=cloud', '--yes'];
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OLD_SECRET = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const cat = await readFile(new URL('../photos/chelsea.jpg', import.meta.url));
const labelledSchema = v.object({ body: v.object({ labels: v.array(v.string()) }) });
const createdSchema = v.object({ body: v.object({ id: v.string(), upload_url: v.string() }) });

/** Raw bytes, without a content type. */
const put = async (url: string, bytes: Buffer = cat) =>
  (await fetch(url, { method: 'PUT', body: bytes })).status;

describe('the blobs service on an emulated AWS that enforces IAM', () => {
  let stage: ServiceStage;
  let outputs: Record<string, string>;
  let call: Awaited<ReturnType<ServiceStage['open']>>['call'];
  let documents: DynamoDBDocumentClient;
  let lambda: LambdaClient;

  before(async () => {
    // No template says this: receivers of the tests are on this machine, where no deployment calls.
    stage = await startServiceStage('blobs', { labels: true, env: { BLOBS_CALLBACK_LOOPBACK: 'true' } });
    await stage.deploy(`--callback-secret=${SECRET}`, `--old-callback-secret=${OLD_SECRET}`, ...flags);
    outputs = await stage.outputs();
    ({ call } = await stage.open(outputs.Url ?? ''));
    documents = DynamoDBDocumentClient.from(stage.dynamodb);
    lambda = new LambdaClient({ region, credentials, endpoint: stage.ministack.url });
  });
  after(async () => {
    lambda.destroy();
    await stage.close();
  });

  async function create(body?: object) {
    const { status, json } = await call('POST', '/blobs', { body });
    assert.equal(status, 201);
    return v.parse(createdSchema, json).body;
  }
  const get = async (id: string) => {
    const { status, json } = await call('GET', `/blobs/${id}`);
    return [status, json];
  };
  const becomesCat = (id: string) =>
    eventually(async () => {
      const [status, json] = await get(id);
      assert.equal(status, 200);
      assert.ok(v.parse(labelledSchema, json).body.labels.includes('Cat'), JSON.stringify(json));
    });
  const item = async (id: string) =>
    (await documents.send(new GetCommand({ TableName: outputs.BlobsTable, Key: { id } }))).Item;
  const versions = async (id: string) => {
    const list = { Bucket: outputs.ImagesBucket, Prefix: `blobs/${id}/` };
    const page = await stage.s3.send(new ListObjectVersionsCommand(list));
    return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
  };
  /** @param id logical, of a function in one of the stacks */
  async function invoke(stack: string, id: string, event: object = {}) {
    const FunctionName = await stage.physicalName(stack, id);
    const Payload = JSON.stringify(event);
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    assert.equal(answer.FunctionError, undefined, Buffer.from(answer.Payload ?? []).toString());
  }

  it('labels an image: POST without a body, PUT of raw bytes without a content type, GET', async () => {
    const { id, upload_url } = await create();
    assert.equal((await call('GET', `/blobs/${id}`)).status, 428);
    assert.equal(await put(upload_url), 200);
    await becomesCat(id);
    assert.equal(await put(upload_url.replace(/Signature=/, 'Signature=A')), 403);
    assert.equal((await call('GET', `/blobs/${id}?timeout=20`)).status, 200);
  });

  it('says in the envelope what a caller got wrong, and what no label could be found of', async () => {
    const refused = await call('POST', '/blobs', { body: { callback_url: 'https://10.0.0.1/' } });
    const errorMessage = 'callback_url: must not lead to a private address';
    assert.deepEqual([refused.status, refused.json], [400, { statusCode: 400, body: { errorMessage } }]);
    assert.equal((await call('GET', '/blobs/1a5ea69a-d30c-11e7-90d0-129b5a655d2d')).status, 404);
    const { id, upload_url } = await create();
    await put(upload_url, Buffer.from('a text'));
    await eventually(async () => assert.equal((await get(id))[0], 412));
  });

  it('replaces an image, and deletes it with all that comes later', async () => {
    const { id, upload_url: old } = await create();
    await put(old);
    await becomesCat(id);
    const renewed = await call('POST', `/blobs/${id}/upload_url`);
    assert.equal(renewed.status, 200);
    assert.equal((await get(id))[0], 428);
    assert.deepEqual(await versions(id), []);
    await put(v.parse(createdSchema, renewed.json).body.upload_url);
    await becomesCat(id);
    assert.equal((await call('DELETE', `/blobs/${id}`)).status, 200);
    assert.equal((await get(id))[0], 404);
    assert.equal(await put(old), 200);
    await eventually(async () => assert.deepEqual(await versions(id), []));
    assert.equal(await item(id), undefined);
  });

  it('takes the event of an image that is gone for what it is', async () => {
    const { id, upload_url } = await create();
    const bucket = { name: outputs.ImagesBucket };
    const key = /blobs\/[^?]*/.exec(upload_url)?.[0] ?? '';
    const object = { key, size: 8, versionId: 'gone', sequencer: '01' };
    await invoke('data', 'Labeler', {
      Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket, object } }],
    });
    assert.equal((await get(id))[0], 428);
  });

  it('calls back, signed by both secrets, and again by the clock when that failed', async () => {
    const answers = [{ status: 500 }];
    const { received, url } = await startReceiver(
      { after },
      [SECRET, OLD_SECRET],
      () => answers.shift() ?? { status: 204 },
    );
    const { id, upload_url } = await create({ callback_url: url });
    await put(upload_url);
    await eventually(async () =>
      assert.equal((await item(id))?.callback_problem, 'the receiver answered 500'),
    );
    // A minute from then: the test has no patience for it.
    await documents.send(
      new UpdateCommand({
        TableName: outputs.BlobsTable,
        Key: { id },
        UpdateExpression: 'SET next_try = :now',
        ExpressionAttributeValues: { ':now': new Date().toISOString() },
      }),
    );
    await invoke('callbacks', 'Retrier');
    assert.equal((await item(id))?.blob_state, 'PROCESSED_WITH_CALLBACK');
    const { body } = v.parse(labelledSchema, (await get(id))[1]);
    assert.ok(body.labels.includes('Cat'), `${body.labels}`);
    assert.deepEqual(
      received.map((one) => one.body),
      [1, 2].map(() => ({ blobId: id, labels: body.labels })),
    );
    assert.equal(new Set(received.map((one) => one.id)).size, 1);
  });

  it('has roles that allow what each function asks of AWS, and no more', () => stage.assertRolesFit('cloud'));

  it('has nothing to change at the next run', async () => {
    assert.match(
      await stage.deploy('diff', ...flags),
      /blobs-data-cloud: no changes[^]*blobs-callbacks-cloud: no changes[^]*blobs-api-cloud: no changes/,
    );
  });

  it('leaves table and bucket with down, and nothing with down --data', async () => {
    await stage.deploy('down', ...flags);
    const left = await stage.remains();
    for (const name of [outputs.BlobsTable, outputs.ImagesBucket])
      assert.ok(left.includes(name ?? ''), `${name} is kept`);
    await stage.deploy('down', '--data', '--confirm-stage=cloud', ...flags);
    assert.deepEqual(await stage.remains(), []);
  });
});
