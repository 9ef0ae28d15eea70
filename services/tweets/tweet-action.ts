import { createS3 } from '../../src/aws/clients.ts';
import { createDocuments } from '../../src/aws/documents.ts';
import { isUnavailable } from '../../src/aws/unavailable.ts';
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
  images: createImageStore(createS3(config.AWS_REGION), config.TWEETS_BUCKET),
  identity: configuredIdentity(config),
});
export const options: LambdaOptions = {
  cors: config.CORS_ORIGINS,
  isUnavailable,
  log: logRequests(createLog(config.LOG_LEVEL)),
  trailingSlash: true,
};

/** The Lambda: create, fetch and delete. */
export const handler = createLambdaHandler(routes, options);
