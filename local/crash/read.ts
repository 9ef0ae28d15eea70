import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import {
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Environment } from './processes.ts';

/** `id`: the second part of the key, which names a post or a blob. */
type Version = { id: string; key: string; version: string };

type Item = Record<string, AttributeValue>;

/** All items of a table. */
export async function readTable(env: Environment, table = ''): Promise<Item[]> {
  const client = new DynamoDBClient(optionsOf(env, 'DYNAMODB'));
  const items: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table })) items.push(...Items);
  client.destroy();
  return items;
}

/** Items by what they are called. */
export const byId = (items: readonly Item[]): Map<string, Item> =>
  new Map(items.map((item) => [item.id?.S ?? '', item]));

/** Every version and every marker of a bucket. */
export async function readBucket(env: Environment, bucket = ''): Promise<Version[]> {
  const client = new S3Client({ ...optionsOf(env, 'S3'), forcePathStyle: true });
  const found: Version[] = [];
  let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (from) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, ...from }),
    );
    const entries = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    for (const { Key: key = '', VersionId: version = '' } of entries)
      found.push({ id: key.split('/')[1] ?? '', key, version });
    from = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  }
  client.destroy();
  return found;
}

function optionsOf(env: Environment, service: string) {
  const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = env;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return { region, credentials, endpoint: env[`AWS_ENDPOINT_URL_${service}`] ?? '' };
}
