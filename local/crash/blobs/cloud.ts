/**
 * The laptop's cloud with the service blobs as a process of its own, for `npm run crash -- blobs`: its parts are those that
 * `npm start -- blobs` puts together. One in ten events comes twice, by what it is about. Its first line is its variables
 * as JSON, URL among them; given those as its environment, it listens where the one before it did.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startCloud } from '../../cloud.ts';
import { openServices, serve } from '../../services.ts';
import { doubled } from './doubled.ts';

const portOf = (variable: string) => Number(new URL(process.env[variable] ?? 'http://127.0.0.1:0').port);
const dataDir = process.env.LOCAL_DATA_DIR ?? '.local';

const services = await openServices(['blobs']);
const cloud = await startCloud({
  dataDir,
  // A test brings a label service of its own.
  labels: process.env.LABELS !== 'none',
  ports: {
    dynamodb: portOf('AWS_ENDPOINT_URL_DYNAMODB'),
    s3: portOf('AWS_ENDPOINT_URL_S3'),
    ...(process.env.LABELS !== 'none' && { rekognition: portOf('AWS_ENDPOINT_URL_REKOGNITION') }),
  },
  ...services.needs,
});
Object.assign(process.env, cloud.env);
const mounts = await services.start(
  {
    ...cloud,
    onObjectCreated: (handler, bucket) => cloud.onObjectCreated(doubled(handler), bucket),
    onStream: (consumer, handler, options) => cloud.onStream(consumer, doubled(handler), options),
  },
  dataDir,
);
const server = createServer((request, response) => {
  if (!serve(mounts, request, response)) response.writeHead(404).end();
});
server.listen(portOf('URL'), '127.0.0.1');
await once(server, 'listening');
// A server that listens on TCP has an AddressInfo.
const { port } = server.address() as AddressInfo;
console.log(JSON.stringify({ ...cloud.env, URL: `http://127.0.0.1:${port}` }));
