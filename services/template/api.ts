import { createDocuments } from '../../src/aws/documents.ts';
import { isUnavailable } from '../../src/aws/unavailable.ts';
import { createLambdaHandler, type LambdaOptions } from '../../src/http/lambda.ts';
import { createLog, logRequests } from '../../src/runtime/request-log.ts';
import { templateConfig } from './config.ts';
import { createHitStore } from './hits.ts';
import { templateRoutes } from './routes.ts';

const config = templateConfig();

/** With `options`, what `npm start` serves by node:http. */
export const routes = templateRoutes({
  hits: createHitStore(createDocuments(config.AWS_REGION), config.TEMPLATE_TABLE),
});
export const options: LambdaOptions = {
  cors: config.CORS_ORIGINS,
  isUnavailable,
  log: logRequests(createLog(config.LOG_LEVEL)),
};

/** The Lambda: a request of API Gateway → its answer. */
export const handler = createLambdaHandler(routes, options);
