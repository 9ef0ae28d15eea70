/** What the local DynamoDB records of its changes, over the SDK's document client. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchWriteCommand, DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { collect, idOf, start, TableName } from './start.ts';

test('every change is a record with both images, in the shape of DynamoDB', async (t) => {
  const { documents, listen, settled } = await start(t);
  const { records, handler } = collect();
  await documents.send(new PutCommand({ TableName, Item: { id: 'a', n: 1, tags: ['x'] } }));
  await documents.send(
    new UpdateCommand({
      TableName,
      Key: { id: 'a' },
      UpdateExpression: 'SET n = n + :one',
      ExpressionAttributeValues: { ':one': 1 },
    }),
  );
  await documents.send(new DeleteCommand({ TableName, Key: { id: 'a' } }));
  listen(handler);
  await settled();

  const first = { id: { S: 'a' }, n: { N: '1' }, tags: { L: [{ S: 'x' }] } };
  const second = { ...first, n: { N: '2' } };
  assert.deepEqual(
    records.map(({ eventName, dynamodb: { Keys, OldImage, NewImage } }) => ({
      eventName,
      Keys,
      OldImage,
      NewImage,
    })),
    [
      { eventName: 'INSERT', Keys: { id: { S: 'a' } }, OldImage: undefined, NewImage: first },
      { eventName: 'MODIFY', Keys: { id: { S: 'a' } }, OldImage: first, NewImage: second },
      { eventName: 'REMOVE', Keys: { id: { S: 'a' } }, OldImage: second, NewImage: undefined },
    ],
  );
  assert.equal(new Set(records.map(({ eventID }) => eventID)).size, 3);
  const numbers = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  assert.deepEqual(numbers, numbers.toSorted());
  const { eventSource, eventVersion, eventSourceARN, dynamodb } = records[0] ?? assert.fail();
  assert.deepEqual(
    [eventSource, eventVersion, dynamodb.StreamViewType],
    ['aws:dynamodb', '1.1', 'NEW_AND_OLD_IMAGES'],
  );
  assert.match(eventSourceARN, /:table\/counters\/stream\//);
});

test('batches are recorded item by item; what changes nothing or is refused is not', async (t) => {
  const { documents, put, listen, settled } = await start(t);
  const { records, handler } = collect();
  await put('a', 1);
  await put('a', 1);
  await documents.send(new DeleteCommand({ TableName, Key: { id: 'nobody' } }));
  const refused = new PutCommand({
    TableName,
    Item: { id: 'a', n: 9 },
    ConditionExpression: 'attribute_not_exists(id)',
  });
  await assert.rejects(documents.send(refused), { name: 'ConditionalCheckFailedException' });
  const batch = [{ PutRequest: { Item: { id: 'b', n: 1 } } }, { DeleteRequest: { Key: { id: 'a' } } }];
  await documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: batch } }));
  listen(handler);
  await settled();
  const told = records.map((record) => [record.eventName, idOf(record)]);
  assert.deepEqual(told.toSorted(), [
    ['INSERT', '{"S":"a"}'],
    ['INSERT', '{"S":"b"}'],
    ['REMOVE', '{"S":"a"}'],
  ]);
});
