import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Credentials } from './settings.ts';

/** Clock difference that AWS tolerates, and the longest life of a presigned URL (SigV4 reference). */
const MAX_SKEW_MS = 15 * 60 * 1000;
const MAX_EXPIRES_S = 7 * 24 * 3600;

/** A refusal in AWS's own words: HTTP status, error code, message. */
export type Refusal = { status: number; code: string; message: string };

/** The request as it stood on the wire: `url` is the raw request target. */
export type SignedRequest = { method: string; url: string; headers: IncomingHttpHeaders };

type Expected = { credentials: Credentials; region: string; service: string; now?: number };

/**
 * Checks the Signature Version 4 of a request, in its header or its query, as strictly as S3 does.
 * @param payloadHash hex SHA-256 of the body for services that sign it without saying so (all but S3)
 * @returns the refusal, or undefined when the signature is good
 */
export function refuseSignature(
  request: SignedRequest,
  expected: Expected,
  payloadHash?: string,
): Refusal | undefined {
  const [path = '', rawQuery = ''] = splitOnce(request.url, '?');
  const query = parseQuery(rawQuery);
  const claim = readClaim(request.headers, query);
  if (claim === undefined) return { status: 403, code: 'AccessDenied', message: 'Access Denied' };
  if ('code' in claim) return claim;

  const wrongKey = refuseCredentials(claim, expected);
  if (wrongKey !== undefined) return wrongKey;
  const wrongTime = refuseTime(claim, expected.now ?? Date.now());
  if (wrongTime !== undefined) return wrongTime;

  const unsigned = Object.keys(request.headers).filter(
    (name) => (name.startsWith('x-amz-') || name === 'host') && !claim.signedHeaders.includes(name),
  );
  if (unsigned.length > 0) {
    const message = `There were headers present in the request which were not signed: ${unsigned.join(', ')}`;
    return { status: 403, code: 'AccessDenied', message };
  }

  const payload = payloadHash ?? claimedPayload(request.headers, query);
  const text = canonicalRequest(request, path, query, claim.signedHeaders, payload);
  if (text === undefined)
    return { status: 400, code: 'InvalidURI', message: "Couldn't parse the specified URI." };
  const scope = `${claim.day}/${expected.region}/${expected.service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', claim.date, scope, sha256(text)].join('\n');
  const signature = hmac(signingKey(expected, claim.day), toSign).toString('hex');
  if (!equal(signature, claim.signature)) {
    const message =
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
    return { status: 403, code: 'SignatureDoesNotMatch', message };
  }
  return undefined;
}

type Claim = {
  accessKeyId: string;
  day: string;
  region: string;
  service: string;
  date: string;
  expires: number | undefined;
  signedHeaders: string[];
  signature: string;
  token: string | undefined;
};

/** What the request says of its signature; undefined when it is anonymous. */
function readClaim(headers: IncomingHttpHeaders, query: Query): Claim | Refusal | undefined {
  const value = (name: string) => query.find(([key]) => key === name)?.[1];
  if (value('X-Amz-Algorithm') !== undefined || value('X-Amz-Signature') !== undefined) {
    if (headers.authorization !== undefined) return malformed('Only one auth mechanism allowed');
    const expires = Number(value('X-Amz-Expires') ?? 'NaN');
    if (!Number.isInteger(expires) || expires < 1 || expires > MAX_EXPIRES_S)
      return malformed(`X-Amz-Expires must be a number of seconds from 1 to ${MAX_EXPIRES_S}`);
    return makeClaim({
      algorithm: value('X-Amz-Algorithm'),
      credential: value('X-Amz-Credential'),
      signedHeaders: value('X-Amz-SignedHeaders'),
      signature: value('X-Amz-Signature'),
      date: value('X-Amz-Date'),
      token: value('X-Amz-Security-Token'),
      expires,
    });
  }
  if (headers.authorization === undefined) return undefined;
  const [algorithm, rest = ''] = splitOnce(headers.authorization, ' ');
  const fields = new Map(rest.split(',').map((field) => splitOnce(field.trim(), '=')));
  return makeClaim({
    algorithm,
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    date: single(headers['x-amz-date']),
    token: single(headers['x-amz-security-token']),
    expires: undefined,
  });
}

type Parts = Record<'algorithm' | 'credential' | 'signedHeaders' | 'signature' | 'date', string | undefined>;

function makeClaim(
  parts: Parts & { token: string | undefined; expires: number | undefined },
): Claim | Refusal {
  const { date, signature, signedHeaders } = parts;
  const [accessKeyId, day, region, service, end, more] = parts.credential?.split('/') ?? [];
  if (parts.algorithm !== 'AWS4-HMAC-SHA256') return malformed('Only AWS4-HMAC-SHA256 is supported');
  if (!accessKeyId || !day || !region || !service || end !== 'aws4_request' || more !== undefined)
    return malformed('The credential is malformed; expected KEY/YYYYMMDD/REGION/SERVICE/aws4_request');
  if (date === undefined || !/^\d{8}T\d{6}Z$/.test(date) || Number.isNaN(toMs(date)))
    return malformed('X-Amz-Date must be in the ISO8601 format yyyyMMddTHHmmssZ');
  if (!signature || !signedHeaders) return malformed('The signature or its list of headers is missing');
  if (day !== date.slice(0, 8)) return malformed('The date of the credential is not the date of the request');
  const { token, expires } = parts;
  const names = signedHeaders.split(';');
  return { accessKeyId, day, region, service, date, expires, signature, token, signedHeaders: names };
}

function refuseCredentials(claim: Claim, { credentials, region, service }: Expected): Refusal | undefined {
  // AWS does not know a temporary key without its token either.
  const unknown = claim.accessKeyId !== credentials.accessKeyId;
  if (unknown || (credentials.sessionToken !== undefined && claim.token === undefined))
    return {
      status: 403,
      code: 'InvalidAccessKeyId',
      message: 'The AWS Access Key Id you provided does not exist in our records.',
    };
  if (claim.token !== credentials.sessionToken)
    return {
      status: 400,
      code: 'InvalidToken',
      message: 'The provided token is malformed or otherwise invalid.',
    };
  if (claim.region !== region)
    return malformed(`the region '${claim.region}' is wrong; expecting '${region}'`);
  if (claim.service !== service)
    return malformed(`the service '${claim.service}' is wrong; expecting '${service}'`);
  return undefined;
}

function refuseTime(claim: Claim, now: number): Refusal | undefined {
  const signedAt = toMs(claim.date);
  const skewed = {
    status: 403,
    code: 'RequestTimeTooSkewed',
    message: 'The request time and ours differ too much.',
  };
  if (claim.expires === undefined) return Math.abs(now - signedAt) > MAX_SKEW_MS ? skewed : undefined;
  if (signedAt - now > MAX_SKEW_MS)
    return { status: 403, code: 'AccessDenied', message: 'Request is not valid yet' };
  if (now > signedAt + claim.expires * 1000)
    return { status: 403, code: 'AccessDenied', message: 'Request has expired' };
  return undefined;
}

/** A presigned URL leaves its body unsigned unless it says otherwise; the SDK says so in the query, browsers nowhere. */
function claimedPayload(headers: IncomingHttpHeaders, query: Query): string {
  const inQuery = query.find(([name]) => name.toLowerCase() === 'x-amz-content-sha256')?.[1];
  return single(headers['x-amz-content-sha256']) ?? inQuery ?? 'UNSIGNED-PAYLOAD';
}

/** undefined when the path is not well encoded. */
function canonicalRequest(
  request: SignedRequest,
  path: string,
  query: Query,
  signedHeaders: string[],
  payload: string,
): string | undefined {
  // Raw segments: URL() would resolve `..`, which is part of a key. S3 encodes a path once where others encode twice.
  const segments = path.split('/').map(decodePart);
  if (segments.includes(undefined)) return undefined;
  const pairs = query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodePart(name), encodePart(value)] as const)
    .toSorted(([a, x], [b, y]) => byBytes(a, b) || byBytes(x, y));
  const headers = signedHeaders.map((name) => {
    const value = request.headers[name];
    const text = Array.isArray(value) ? value.join(',') : (value ?? '');
    return `${name}:${text.trim().replaceAll(/ +/g, ' ')}\n`;
  });
  return [
    request.method,
    segments.map((segment) => encodePart(segment ?? '')).join('/'),
    pairs.map((pair) => pair.join('=')).join('&'),
    headers.join(''),
    signedHeaders.join(';'),
    payload,
  ].join('\n');
}

function signingKey({ credentials, region, service }: Expected, day: string): Buffer {
  const steps = [day, region, service, 'aws4_request'];
  return steps.reduce<Buffer>(hmac, Buffer.from(`AWS4${credentials.secretAccessKey}`));
}

export type Query = (readonly [string, string])[];

/** Names and values of a raw query, decoded; `+` stands for itself, as in SigV4. */
export function parseQuery(raw: string): Query {
  const pairs = raw.split('&').filter(Boolean);
  return pairs.map((pair) => {
    const [name, value] = splitOnce(pair, '=');
    return [decodePart(name) ?? name, decodePart(value ?? '') ?? ''] as const;
  });
}

/** Percent-decoding; undefined when malformed. */
export function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** RFC 3986: all but letters, digits and `-._~`, so four more than encodeURIComponent. */
export function encodePart(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, percent);
}

const percent = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

function malformed(message: string): Refusal {
  return { status: 400, code: 'AuthorizationHeaderMalformed', message };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function toMs(date: string): number {
  return Date.parse(date.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
}

const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const byBytes = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const equal = (a: string, b: string) => timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
