import { createS3 } from '../../src/aws/clients.ts';
import { isUnavailable } from '../../src/aws/unavailable.ts';
import { createLambdaHandler, type LambdaOptions } from '../../src/http/lambda.ts';
import { configuredIdentity } from '../../src/identity/configured.ts';
import { createLog, logRequests } from '../../src/runtime/request-log.ts';
import { presignedUrlConfig } from './config.ts';
import { createImageStore } from './images.ts';
import { imageRoutes } from './routes.ts';

const config = presignedUrlConfig();

/** With `options`, what `npm start` serves by node:http. */
export const routes = imageRoutes({
  images: createImageStore(createS3(config.AWS_REGION), config.TWEETS_BUCKET),
  identity: configuredIdentity(config),
});
export const options: LambdaOptions = {
  cors: config.CORS_ORIGINS,
  isUnavailable,
  log: logRequests(createLog(config.LOG_LEVEL)),
  trailingSlash: true,
};

/** The Lambda: addresses to send a picture to and to get it from. */
export const handler = createLambdaHandler(routes, options);
