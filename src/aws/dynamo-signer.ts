import type { RequestSigner } from '@smithy/types';
import { amzDateOf, createSigv4, type Credentials, sha256, type Sigv4 } from './sigv4.ts';

/**
 * Signs DynamoDB's requests as the SDK's own SignatureV4 would, which is made anew for every call.
 * What it gains: docs/decisions/sdk-parts.md.
 * @param credentials gives the same object until it is refreshed, as the SDK's providers do
 */
export function createDynamoSigner(region: string, credentials: () => Promise<Credentials>): RequestSigner {
  let sigv4: Sigv4 | undefined;

  return {
    async sign(request, { signingDate = new Date() } = {}) {
      const current = await credentials();
      if (sigv4?.credentials !== current) sigv4 = createSigv4('dynamodb', region, current);
      const { headers } = request;
      const amzDate = amzDateOf(new Date(signingDate));
      headers['x-amz-date'] = amzDate;
      if (current.sessionToken) headers['x-amz-security-token'] = current.sessionToken;
      const signed = Object.keys(headers).filter(mustBeSigned).toSorted();
      const lines = signed.map((name) => `${name}:${headers[name]}\n`).join('');
      // The body is PlainJsonProtocol's.
      const canonical = `POST\n${request.path}\n\n${lines}\n${signed.join(';')}\n${sha256(String(request.body))}`;
      const signature = sigv4.sign(amzDate, canonical);
      const credential = `Credential=${sigv4.credential(amzDate)}, SignedHeaders=${signed.join(';')}`;
      headers.authorization = `AWS4-HMAC-SHA256 ${credential}, Signature=${signature}`;
      return request;
    },
  };
}

const mustBeSigned = (name: string): boolean =>
  name === 'host' || name === 'content-type' || name.startsWith('x-amz-');
