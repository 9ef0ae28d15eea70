import type { Service } from '../../../services/service.ts';

/** A service with one of each: requests behind a stage, objects of a bucket, changes of a table, a secret, a text. */
export const sample = {
  name: 'sample',
  purpose: 'Shows what a service can be made of',
  curl: '$URL/v1/sample/seen',
  stage: 'v1',
  functions: [
    {
      name: 'Api',
      entry: 'test/local/sample/api.ts',
      trigger: { http: ['/sample'] },
      timeout: 10,
      environment: {
        SAMPLE_TABLE: { table: 'Things' },
        SAMPLE_BUCKET: { bucket: 'Files' },
        SAMPLE_KEY: { secret: 'Key' },
        SAMPLE_TEXT: 'as it stands',
      },
    },
    {
      name: 'Store',
      entry: 'test/local/sample/store.ts',
      trigger: { objectCreated: 'Files' },
      timeout: 10,
      environment: { SAMPLE_TABLE: { table: 'Things' } },
    },
    {
      name: 'Tell',
      entry: 'test/local/sample/tell.ts',
      trigger: { stream: 'Things', batchSize: 10, retries: 3 },
      timeout: 10,
      environment: {},
    },
  ],
  tables: {
    Things: {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      stream: true,
    },
  },
  buckets: {
    Files: { cors: { AllowedMethods: ['PUT'], AllowedHeaders: [], ExposedHeaders: [], MaxAge: 60 } },
    Others: {},
  },
  secrets: { Key: { purpose: 'Signs' } },
  stacks: [],
} as const satisfies Service;
