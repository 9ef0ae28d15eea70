import { createDocuments } from '../../src/aws/documents.ts';
import { createLambdaHandler } from '../../src/http/lambda.ts';
import { tweetActionConfig } from './config.ts';
import { createParts } from './parts.ts';
import { tweetRoutes } from './routes.ts';
import { createTweetStore } from './tweet-store.ts';

const config = tweetActionConfig();
const { images, identity, options } = createParts(config);

/** With `options`, what `npm start` serves by node:http. */
export const routes = tweetRoutes({
  tweets: createTweetStore(createDocuments(config.AWS_REGION), config.TWEETS_TABLE),
  images,
  identity,
});
export { options };

/** The Lambda: create, fetch and delete. */
export const handler = createLambdaHandler(routes, options);
