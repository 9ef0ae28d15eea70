/** One SDK call over and over, without a server around it: what a request cannot cost less than with the SDK as it comes. */
import { DynamoDBClient, PutItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';

const TableName = process.env.DYNAMO_TABLE;
const client = new DynamoDBClient({});
const commands = {
  put: (user) =>
    new PutItemCommand({
      TableName,
      Item: { user: { S: user }, id: { S: 'POST#1' }, title: { S: 'A title' } },
    }),
  query: (user) =>
    new QueryCommand({
      TableName,
      KeyConditionExpression: '#user = :user',
      ExpressionAttributeNames: { '#user': 'user' },
      ExpressionAttributeValues: { ':user': { S: user } },
      ScanIndexForward: false,
    }),
  scan: () => new ScanCommand({ TableName }),
};
const command = commands[process.env.BARE];

process.on('message', async ({ seconds, connections }) => {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const latencies = [];
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let now = performance.now(); now < end;) {
        await client.send(command(`USER#user${String((latencies.length % 50) + 1).padStart(2, '0')}`));
        const answered = performance.now();
        latencies.push(answered - now);
        now = answered;
      }
    }),
  );
  latencies.sort((a, b) => a - b);
  const percentile = (share) => latencies[Math.floor(latencies.length * share)];
  process.send({
    requests: latencies.length,
    seconds: (performance.now() - begin) / 1000,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    failed: 0,
  });
});
process.send('ready');
