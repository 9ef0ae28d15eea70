import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { createDocuments } from '../../../src/aws/documents.ts';
import { seen } from './seen.ts';

const { AWS_REGION = '', SAMPLE_TABLE } = process.env;
const documents = createDocuments(AWS_REGION);

const named = v.object({ bucket: v.object({ name: v.string() }), object: v.object({ key: v.string() }) });
const eventSchema = v.object({ Records: v.array(v.object({ s3: named })) });

export const handler = async (event: unknown): Promise<void> => {
  for (const { s3 } of v.parse(eventSchema, event).Records) {
    seen.files.push(`${s3.bucket.name}/${s3.object.key}`);
    await documents.send(new PutCommand({ TableName: SAMPLE_TABLE, Item: { id: s3.object.key } }));
  }
};
