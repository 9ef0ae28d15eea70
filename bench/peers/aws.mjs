/** What the three Node peers share: the assignment's data functions on the SDK, as its documentation shows them. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand, QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

const { BUCKET, DYNAMO_TABLE } = process.env;
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const s3 = new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });

export async function createPost(user, { title, body }) {
  const item = { user: `USER#${user}`, id: `POST#${randomUUID()}`, title, body };
  return documents.send(new PutCommand({ TableName: DYNAMO_TABLE, Item: item }));
}

export async function postsOf(user) {
  return readAll((start) => {
    return new QueryCommand({
      TableName: DYNAMO_TABLE,
      KeyConditionExpression: '#user = :user',
      ExpressionAttributeNames: { '#user': 'user' },
      ExpressionAttributeValues: { ':user': `USER#${user}` },
      ScanIndexForward: false,
      ExclusiveStartKey: start,
    });
  });
}

export async function allPosts() {
  return readAll((start) => new ScanCommand({ TableName: DYNAMO_TABLE, ExclusiveStartKey: start }));
}

export async function signedUrlPut(user, { filename, filetype, postId }) {
  const objectName = `${user}/${postId}/${randomUUID()}${basename(filename)}`;
  const command = new PutObjectCommand({ Bucket: BUCKET, Key: objectName, ContentType: filetype });
  const uploadURL = await getSignedUrl(s3, command, {
    expiresIn: 3600,
    signableHeaders: new Set(['content-type']),
  });
  return { uploadURL, objectName };
}

/** Follows LastEvaluatedKey: Query and Scan stop at 1 MB. */
async function readAll(command) {
  const items = [];
  let start;
  do {
    const page = await documents.send(command(start));
    items.push(...page.Items);
    start = page.LastEvaluatedKey;
  } while (start);
  return Promise.all(items.map(publicPost));
}

async function publicPost({ user, id, title, body, createdAt, key, labels }) {
  const post = { user: user.replace('USER#', ''), id, title, body, createdAt };
  if (!key) return post;
  const image = await getSignedUrl(s3, new GetObjectCommand({ Bucket: BUCKET, Key: key }), {
    expiresIn: 3600,
  });
  return { ...post, image, label: labels, labels };
}
