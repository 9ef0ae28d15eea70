import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import type { Scope } from './service.ts';

const askedSchema = v.object({
  Image: v.object({
    S3Object: v.object({ Bucket: v.string(), Name: v.string(), Version: v.optional(v.string()) }),
  }),
  MaxLabels: v.number(),
  MinConfidence: v.number(),
});

export type Asked = v.InferOutput<typeof askedSchema>;

/** Labels, an error of Rekognition's by its status and name, or a connection that breaks. */
export type Findings = string[] | { status: number; error: string } | 'cut';

/**
 * A Rekognition that says what a test tells it to: throttling and failures cannot be had from the local label service.
 * Speaks the wire protocol of DetectLabels, so that the SDK's own client calls it.
 */
export async function startRekognition(scope: Scope) {
  const rekognition = {
    url: '',
    asked: [] as Asked[],
    answer: (_key: string, _version?: string): Findings | Promise<Findings> => ['Cat'],
  };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    if (request.headers['x-amz-target'] !== 'RekognitionService.DetectLabels') {
      return response.writeHead(404).end();
    }
    const asked = v.parse(askedSchema, JSON.parse(text));
    rekognition.asked.push(asked);
    const { Name: key, Version: version } = asked.Image.S3Object;
    const findings = await rekognition.answer(key, version);
    if (findings === 'cut') return response.destroy();
    const [status, body] = Array.isArray(findings)
      ? [200, { Labels: findings.map((Name) => ({ Name, Confidence: 90, Instances: [], Parents: [] })) }]
      : [findings.status, { __type: findings.error, message: 'told by the test' }];
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo.
  rekognition.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  scope.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return rekognition;
}
