/**
 * The storage as a process of its own, for `npm run crash`: database, bucket, label service and the labeler. Its first
 * line is what points an AWS SDK at it, as JSON. Given that as its environment it listens where the one before it did.
 */
import { startCloud } from '../cloud.ts';
import type { ObjectCreatedHandler } from '../events/events.ts';

const portOf = (service: string) =>
  Number(new URL(process.env[`AWS_ENDPOINT_URL_${service}`] ?? 'http://127.0.0.1:80').port);

const cloud = await startCloud({
  dataDir: process.env.LOCAL_DATA_DIR ?? '.local',
  ports: { dynamodb: portOf('DYNAMODB'), s3: portOf('S3'), rekognition: portOf('REKOGNITION') },
});
Object.assign(process.env, cloud.env);
const labeler: { handler: ObjectCreatedHandler } = await import('../../labeler.ts');
cloud.onObjectCreated(labeler.handler);
console.log(JSON.stringify(cloud.env));
