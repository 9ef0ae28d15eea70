import { DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
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

  return {
    /** All keys under a prefix, sorted. */
    async keys(Prefix = ''): Promise<string[]> {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
      return Contents.flatMap(({ Key }) => Key ?? []);
    },

    put: (Key: string, Body: string | Uint8Array) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'image/jpeg' })),

    remove: (Key: string) => s3.send(new DeleteObjectCommand({ Bucket, Key })),

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

    async countItems(): Promise<number> {
      const { Count = 0 } = await dynamo.send(new ScanCommand({ TableName, Select: 'COUNT' }));
      return Count;
    },
  };
}
