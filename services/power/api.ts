import { createAutoScaling, createEc2 } from '../../src/aws/power.ts';
import { createLambdaHandler, type LambdaOptions } from '../../src/http/lambda.ts';
import { createLog, logRequests } from '../../src/runtime/request-log.ts';
import { powerConfig } from './config.ts';
import { withDirectInvoke } from './direct.ts';
import { createFleet } from './fleet.ts';
import { createInstances, createTaggedInstances } from './instances.ts';
import { powerRoutes } from './routes.ts';

const config = powerConfig();
const { INSTANCE_ID: ids, POWER_TAG: tag, POWER_FLEET: fleet } = config;
const ec2 = createEc2(config.AWS_REGION);

/** With `options`, what `npm start` serves by node:http. */
export const routes = powerRoutes([
  ...(ids ? [createInstances(ec2, ids)] : []),
  ...(tag ? [createTaggedInstances(ec2, tag)] : []),
  ...(fleet ? [createFleet(createAutoScaling(config.AWS_REGION), fleet)] : []),
]);
export const options: LambdaOptions = {
  cors: config.CORS_ORIGINS,
  // API Gateway asks for it where a key is wanted, and hands preflights on.
  allowHeaders: ['x-api-key'],
  log: logRequests(createLog(config.LOG_LEVEL)),
  trailingSlash: true,
};

/** The Lambda: a request of API Gateway, or `{"action": …}` itself → its answer. */
export const handler = withDirectInvoke(createLambdaHandler(routes, options), '/ec2');
