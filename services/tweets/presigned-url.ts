import { S3Client } from '@aws-sdk/client-s3';
import { s3Options } from '../../src/aws/clients.ts';
import { createLambdaHandler, type LambdaOptions } from '../../src/http/lambda.ts';
import { configuredIdentity } from '../../src/identity/configured.ts';
import { createLog, logRequests } from '../../src/runtime/request-log.ts';
import { presignedUrlConfig } from './config.ts';
import { createImageStore } from './images.ts';
import { imageRoutes } from './routes.ts';

const config = presignedUrlConfig();

/** With `options`, what `npm start` serves by node:http. */
export const routes = imageRoutes({
  images: createImageStore(new S3Client(s3Options(config.AWS_REGION)), config.TWEETS_BUCKET),
  identity: configuredIdentity(config),
});
export const options: LambdaOptions = {
  cors: config.CORS_ORIGINS,
  log: logRequests(createLog(config.LOG_LEVEL)),
  trailingSlash: true,
};

/** The Lambda: addresses to send a picture to and to get it from. */
export const handler = createLambdaHandler(routes, options);
