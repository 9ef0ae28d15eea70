import { S3Client } from '@aws-sdk/client-s3';
import { createDocuments, s3Options } from '../../src/aws/clients.ts';
import { createLambdaHandler, type LambdaOptions } from '../../src/http/lambda.ts';
import { configuredIdentity } from '../../src/identity/configured.ts';
import { createLog, logRequests } from '../../src/runtime/request-log.ts';
import { tweetActionConfig } from './config.ts';
import { createImageStore } from './images.ts';
import { tweetRoutes } from './routes.ts';
import { createTweetStore } from './tweet-store.ts';

const config = tweetActionConfig();

/** With `options`, what `npm start` serves by node:http. */
export const routes = tweetRoutes({
  tweets: createTweetStore(createDocuments(config.AWS_REGION), config.TWEETS_TABLE),
  images: createImageStore(new S3Client(s3Options(config.AWS_REGION)), config.TWEETS_BUCKET),
  identity: configuredIdentity(config),
});
export const options: LambdaOptions = {
  cors: config.CORS_ORIGINS,
  log: logRequests(createLog(config.LOG_LEVEL)),
  trailingSlash: true,
};

/** The Lambda: create, fetch and delete. */
export const handler = createLambdaHandler(routes, options);
