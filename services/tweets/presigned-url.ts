import { createLambdaHandler } from '../../src/http/lambda.ts';
import { presignedUrlConfig } from './config.ts';
import { createParts } from './parts.ts';
import { imageRoutes } from './routes.ts';

const { images, identity, options } = createParts(presignedUrlConfig());

/** With `options`, what `npm start` serves by node:http. */
export const routes = imageRoutes({ images, identity });
export { options };

/** The Lambda: addresses to send a picture to and to get it from. */
export const handler = createLambdaHandler(routes, options);
