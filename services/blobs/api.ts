import { createS3 } from '../../src/aws/clients.ts';
import { createDocuments } from '../../src/aws/documents.ts';
import { isUnavailable } from '../../src/aws/unavailable.ts';
import { createLambdaHandler, type LambdaOptions } from '../../src/http/lambda.ts';
import { createLog, logRequests } from '../../src/runtime/request-log.ts';
import { createBlobStore } from './blob-store.ts';
import { apiConfig } from './config.ts';
import { createBlobImages } from './images.ts';
import { blobRoutes } from './routes.ts';

const config = apiConfig();

/** With `options`, what `npm start` serves by node:http. */
export const routes = blobRoutes({
  blobs: createBlobStore(createDocuments(config.AWS_REGION), config.BLOBS_TABLE),
  images: createBlobImages(createS3(config.AWS_REGION), config.BLOBS_BUCKET),
  callbacks: { loopback: config.BLOBS_CALLBACK_LOOPBACK },
});
export const options: LambdaOptions = {
  cors: config.CORS_ORIGINS,
  isUnavailable,
  log: logRequests(createLog(config.LOG_LEVEL)),
  trailingSlash: true,
};

/** The Lambda: the API. */
export const handler = createLambdaHandler(routes, options);
