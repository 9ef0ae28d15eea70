/** The document client of the services over the trimmed DynamoDB client, against the local DynamoDB. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { createDocuments } from '../../src/aws/documents.ts';
import { openCloud } from '../support/service.ts';

const { env } = await openCloud({ after }, { labels: false });
delete process.env.AWS_PROFILE;
delete process.env.AWS_SESSION_TOKEN;
Object.assign(process.env, env);
const documents = createDocuments(env.AWS_REGION ?? '');
after(() => documents.destroy());
const TableName = env.DYNAMO_TABLE;

test('every call sends its own input', async () => {
  const ids = ['1', '2', '3'];
  for (const id of ids)
    await documents.send(new PutCommand({ TableName, Item: { user: 'u', id, n: Number(id) } }));
  for (const id of ids) {
    const { Item } = await documents.send(new GetCommand({ TableName, Key: { user: 'u', id } }));
    assert.deepEqual(Item, { user: 'u', id, n: Number(id) });
  }
});

test('plain values come back as they were; undefined is left out', async () => {
  const key = { user: 'values', id: '1' };
  const item = {
    ...key,
    text: 'é😀',
    n: 1.5,
    yes: true,
    no: null,
    list: [1, 'a', [{}]],
    map: { a: { b: -2 } },
  };
  await documents.send(new PutCommand({ TableName, Item: { ...item, gone: undefined } }));
  assert.deepEqual((await documents.send(new GetCommand({ TableName, Key: key }))).Item, item);
  const query = new QueryCommand({
    TableName,
    KeyConditionExpression: '#user = :user',
    ExpressionAttributeNames: { '#user': 'user' },
    ExpressionAttributeValues: { ':user': 'values' },
  });
  assert.deepEqual((await documents.send(query)).Items, [item]);
});

test('a condition that does not hold is told by its name', async () => {
  const update = new UpdateCommand({
    TableName,
    Key: { user: 'nobody', id: '1' },
    UpdateExpression: 'SET n = :n',
    ConditionExpression: 'attribute_exists(id)',
    ExpressionAttributeValues: { ':n': 1 },
  });
  await assert.rejects(documents.send(update), { name: 'ConditionalCheckFailedException' });
});
