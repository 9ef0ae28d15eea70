import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Environment } from './service.ts';

/** Looks at a local cloud behind the service's back. @param env what points an SDK at it */
export function viewAws(env: Environment) {
  const {
    AWS_REGION: region = '',
    AWS_ACCESS_KEY_ID: accessKeyId = '',
    AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
    AWS_SESSION_TOKEN: sessionToken = '',
    BUCKET: Bucket = '',
    RENDITIONS_BUCKET: Renditions = '',
    DYNAMO_TABLE: TableName = '',
  } = env;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== '' && { sessionToken }) };
  const dynamo = new DynamoDBClient({ endpoint: env.AWS_ENDPOINT_URL_DYNAMODB ?? '', region, credentials });
  const s3 = new S3Client({
    endpoint: env.AWS_ENDPOINT_URL_S3 ?? '',
    region,
    credentials,
    forcePathStyle: true,
  });

  /** Versions and delete markers under a prefix, the newest of a key first. */
  async function versions(Prefix = '', bucket = Bucket) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix }));
    return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
  }

  async function count(start: string): Promise<number> {
    const { Count = 0 } = await dynamo.send(
      new ScanCommand({
        TableName,
        Select: 'COUNT',
        ConsistentRead: true,
        FilterExpression: 'begins_with(#user, :start)',
        ExpressionAttributeNames: { '#user': 'user' },
        ExpressionAttributeValues: { ':start': { S: start } },
      }),
    );
    return Count;
  }

  return {
    versions,

    /** The key of each version and of each delete marker under a prefix, sorted: what is really left. */
    async keys(Prefix = ''): Promise<string[]> {
      return (await versions(Prefix)).flatMap(({ Key }) => Key ?? []).toSorted();
    },

    /** The key of each rendition under a prefix, sorted. */
    async renditions(Prefix = ''): Promise<string[]> {
      return (await versions(Prefix, Renditions)).flatMap(({ Key }) => Key ?? []).toSorted();
    },

    async rendition(Key: string): Promise<Uint8Array> {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: Renditions, Key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    },

    removeRendition: (Key: string) => s3.send(new DeleteObjectCommand({ Bucket: Renditions, Key })),

    /** Puts a rendition as somebody else would. */
    putRendition: (Key: string, Body: string | Uint8Array) =>
      s3.send(new PutObjectCommand({ Bucket: Renditions, Key, Body })),

    put: (Key: string, Body: string | Uint8Array, headers: Partial<PutObjectCommandInput> = {}) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'image/jpeg', ...headers })),

    /** Deletes as who knows nothing of versions: under a delete marker. */
    hide: (Key: string) => s3.send(new DeleteObjectCommand({ Bucket, Key })),

    /** Deletes all versions of a key. */
    async remove(Key: string) {
      const Objects = (await versions(Key)).map(({ VersionId }) => ({ Key, VersionId }));
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    },

    async get(Key: string): Promise<Uint8Array> {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    },

    /** The stored item of a post. */
    async item(user: string, id: string) {
      const key = { user: { S: `USER#${user}` }, id: { S: id } };
      const { Item } = await dynamo.send(new GetItemCommand({ TableName, Key: key, ConsistentRead: true }));
      return Item;
    },

    /** Stores a post as somebody else would. @param id its bare uuid */
    async putPost(user: string, id: string, attributes: Record<string, string | string[]>) {
      const shard = `SHARD#${Number.parseInt(id.slice(-1), 16) % 4}`;
      const key = { user: { S: `USER#${user}` }, id: { S: `POST#${id}` }, shard: { S: shard } };
      const rest = Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [
          name,
          typeof value === 'string' ? { S: value } : { L: value.map((S) => ({ S })) },
        ]),
      );
      await dynamo.send(new PutItemCommand({ TableName, Item: { ...rest, ...key } }));
    },

    /** Takes attributes from an item. */
    async forget(user: string, id: string, ...names: string[]) {
      const Key = { user: { S: `USER#${user}` }, id: { S: id } };
      await dynamo.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: `REMOVE ${names.map((_, n) => `#${n}`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(names.map((name, n) => [`#${n}`, name])),
        }),
      );
    },

    /** Whether a post has an entry of a label. @param label in lower case */
    async hasEntry(label: string, id: string): Promise<boolean> {
      const Key = { user: { S: `LABEL#${label}` }, id: { S: id } };
      return (
        (await dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item !== undefined
      );
    },

    /** Writes a label into the catalogue, and so many entries of posts that nobody has. @param label in lower case */
    async putEntries(label: string, many: number) {
      const name = { user: { S: 'LABELS' }, id: { S: label }, label: { S: label } };
      await dynamo.send(new PutItemCommand({ TableName, Item: name }));
      for (let from = 0; from < many; from += 25) {
        const puts = Array.from({ length: Math.min(25, many - from) }, (_, n) => {
          const id = { S: `POST#ffffffff-ffff-7fff-bfff-${String(from + n).padStart(12, '0')}` };
          return { PutRequest: { Item: { user: { S: `LABEL#${label}` }, id, owner: { S: 'nobody' } } } };
        });
        await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }));
      }
    },

    /** Takes the entry of a label from a post. @param label in lower case */
    async removeEntry(label: string, id: string) {
      const Key = { user: { S: `LABEL#${label}` }, id: { S: id } };
      await dynamo.send(new DeleteItemCommand({ TableName, Key }));
    },

    /** Says that another version of its photo was labelled. */
    async setVersion(user: string, id: string, version: string) {
      await dynamo.send(
        new UpdateItemCommand({
          TableName,
          Key: { user: { S: `USER#${user}` }, id: { S: id } },
          UpdateExpression: 'SET version = :version',
          ExpressionAttributeValues: { ':version': { S: version } },
        }),
      );
    },

    /** Items of posts, ghosts among them. */
    countItems: () => count('USER#'),

    /** Entries of labels. */
    countEntries: () => count('LABEL#'),
  };
}
