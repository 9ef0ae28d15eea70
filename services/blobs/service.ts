import type { Service } from '../service.ts';

// The laptop's: template.ts says nothing of loopback, and without a word it is off.
const callbacks = {
  BLOBS_TABLE: { table: 'Blobs' },
  BLOBS_CALLBACK_LOOPBACK: 'true',
  BLOBS_CALLBACK_SECRET: { secret: 'CallbackSecret' },
} as const;

const SECRET = /^(whsec_)?[A-Za-z0-9+/]{32,}={0,2}$/;

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
    {
      name: 'Deliverer',
      entry: 'services/blobs/deliverer.ts',
      trigger: { stream: 'Blobs', batchSize: 10, retries: 3 },
      timeout: 60,
      environment: callbacks,
    },
    {
      name: 'Retrier',
      entry: 'services/blobs/retrier.ts',
      trigger: { everyMinutes: 1 },
      timeout: 120,
      environment: callbacks,
    },
  ],
  secrets: { CallbackSecret: { purpose: 'Signs callbacks' } },
  flags: {
    'callback-secret': {
      parameter: 'CallbackSecret',
      about: 'signs callbacks: base64, with or without whsec_ before it',
      value: 'SECRET',
      pattern: SECRET,
      wanted: 'base64 of 24 bytes or more',
    },
    'old-callback-secret': {
      parameter: 'OldCallbackSecret',
      about: 'signs callbacks too, while receivers change to the other one',
      value: 'SECRET',
      pattern: SECRET,
      wanted: 'base64 of 24 bytes or more',
    },
  },
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
    { name: 'callbacks', template: async () => (await import('./template.ts')).callbacks() },
    { name: 'api', template: async () => (await import('./template.ts')).api() },
  ],
} as const satisfies Service;
