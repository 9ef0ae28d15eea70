import type { Service } from '../service.ts';

/** What the service is made of: read by `npm start -- tweets`, by deploy.ts and by template.ts. */
export const service = {
  name: 'tweets',
  purpose: 'The backend of a small Twitter: tweets, and pictures straight to the bucket',
  curl: `$URL/v1/api/fetch_tweet/ -H 'content-type: application/json' -d '{"userIds":["ada@example.com"]}'`,
  stage: 'v1',
  functions: [
    {
      name: 'TweetActionFunction',
      entry: 'services/tweets/tweet-action.ts',
      trigger: { http: ['/api/create_tweet', '/api/fetch_tweet', '/api/delete_tweet'] },
      timeout: 29,
      environment: { TWEETS_TABLE: { table: 'Tweets' }, TWEETS_BUCKET: { bucket: 'Images' } },
    },
    {
      name: 'GeneratePresignedUrlFunction',
      entry: 'services/tweets/presigned-url.ts',
      trigger: { http: ['/api/upload_url', '/api/download_url'] },
      timeout: 10,
      environment: { TWEETS_BUCKET: { bucket: 'Images' } },
    },
  ],
  tables: {
    Tweets: {
      KeySchema: [
        { AttributeName: 'user_id', KeyType: 'HASH' },
        { AttributeName: 'id', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'user_id', AttributeType: 'S' },
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'written', AttributeType: 'S' },
      ],
      // Of a partition, so that it can be read consistently: one's own tweet is there.
      LocalSecondaryIndexes: [
        {
          IndexName: 'by-time',
          KeySchema: [
            { AttributeName: 'user_id', KeyType: 'HASH' },
            { AttributeName: 'written', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    },
  },
  buckets: {
    Images: {
      versionDays: 7,
      cors: {
        AllowedMethods: ['GET', 'HEAD', 'PUT'],
        AllowedHeaders: ['*'],
        ExposedHeaders: ['ETag'],
        MaxAge: 3000,
      },
    },
  },
  flags: {
    'stage-name': {
      parameter: 'StageName',
      about: "first part of the API's paths (default v1)",
      value: 'NAME',
      pattern: /^[A-Za-z0-9_]{1,128}$/,
      wanted: 'letters, digits and _',
    },
    table: {
      parameter: 'TweetsTableName',
      about: 'name of the table (default Tweets)',
      value: 'NAME',
      pattern: /^[A-Za-z0-9_.-]{3,255}$/,
      wanted: '3 to 255 letters, digits, _, . and -',
    },
    origin: {
      parameter: 'AllowedOrigin',
      about: 'the one origin whose pages may use the bucket (default http://localhost:3000)',
      value: 'ORIGIN',
      pattern: /^https?:\/\/[A-Za-z0-9.:-]+$/,
      wanted: 'an origin such as https://example.org',
    },
    'log-days': {
      parameter: 'LogRetentionInDays',
      about: 'days for which the functions keep their logs (default 1)',
      value: 'DAYS',
      pattern: /^\d{1,3}$/,
      wanted: 'a number of days that CloudWatch Logs knows',
    },
    'jwt-issuer': {
      parameter: 'JwtIssuer',
      about: 'sign-in: userId must be the name in an ID token of this issuer',
      value: 'URL',
      pattern: /^https:\/\/\S+$/,
      wanted: 'an https address',
    },
    'jwt-audience': {
      parameter: 'JwtAudience',
      about: 'ids of the clients whose tokens are accepted',
      value: 'ID',
      pattern: /^[\w,.:/-]+$/,
      wanted: 'ids separated by commas',
    },
    'jwt-name-claim': {
      parameter: 'JwtNameClaim',
      about: 'the claim that is the userId (default cognito:username)',
      value: 'CLAIM',
      pattern: /^[\w:.-]+$/,
      wanted: 'the name of a claim',
    },
  },
  stacks: [
    { name: 'data', keepsData: true, template: async () => (await import('./template.ts')).data() },
    { name: 'api', template: async () => (await import('./template.ts')).api() },
  ],
} as const satisfies Service;
