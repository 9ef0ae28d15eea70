import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { s3Options } from '../../../src/aws/clients.ts';
import type { Routes } from '../../../src/http/call.ts';
import { createLambdaHandler, type LambdaOptions } from '../../../src/http/lambda.ts';
import { seen } from './seen.ts';

const { AWS_REGION = '', SAMPLE_BUCKET, SAMPLE_KEY, SAMPLE_TABLE, SAMPLE_TEXT } = process.env;
const s3 = new S3Client(s3Options(AWS_REGION));

export const routes: Routes = {
  'GET /sample/seen': () => ({ body: { ...seen, SAMPLE_BUCKET, SAMPLE_KEY, SAMPLE_TABLE, SAMPLE_TEXT } }),
  'PUT /sample/:name': async ({ params, bytes }) => {
    await s3.send(new PutObjectCommand({ Bucket: SAMPLE_BUCKET, Key: params.name, Body: await bytes(1000) }));
    return { status: 204 };
  },
};
export const options: LambdaOptions = { cors: '*', log: () => undefined };
export const handler = createLambdaHandler(routes, options);
