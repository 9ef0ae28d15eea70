import type { Service } from '../service.ts';

/** What the service is made of: read by `npm start -- blobs`, by deploy.ts and by template.ts. */
export const service = {
  name: 'blobs',
  purpose: 'Labels any image: POST for an upload URL, PUT the image there, GET its labels',
  curl: '-X POST $URL/blobs',
  labels: true,
  functions: [
    {
      name: 'Api',
      entry: 'services/blobs/api.ts',
      trigger: { http: ['/blobs'] },
      timeout: 29,
      environment: {
        BLOBS_TABLE: { table: 'Blobs' },
        BLOBS_BUCKET: { bucket: 'Images' },
        BLOBS_CALLBACK_LOOPBACK: 'true',
      },
    },
    {
      name: 'Labeler',
      entry: 'services/blobs/labeler.ts',
      trigger: { objectCreated: 'Images' },
      timeout: 60,
      environment: { BLOBS_TABLE: { table: 'Blobs' }, BLOBS_BUCKET: { bucket: 'Images' } },
    },
  ],
  tables: {
    Blobs: {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'callback_state', AttributeType: 'S' },
        { AttributeName: 'next_try', AttributeType: 'S' },
      ],
      // Sparse: only blobs whose callback is due, or was given up, are in it.
      GlobalSecondaryIndexes: [
        {
          IndexName: 'callbacks',
          KeySchema: [
            { AttributeName: 'callback_state', KeyType: 'HASH' },
            { AttributeName: 'next_try', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      stream: true,
    },
  },
  buckets: {
    Images: {
      versionDays: 1,
      cors: { AllowedMethods: ['PUT'], AllowedHeaders: ['*'], ExposedHeaders: ['ETag'], MaxAge: 3000 },
    },
  },
  stacks: [
    { name: 'data', keepsData: true, template: async () => (await import('./template.ts')).data() },
    { name: 'api', template: async () => (await import('./template.ts')).api() },
  ],
} as const satisfies Service;
