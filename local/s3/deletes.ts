import { createHash } from 'node:crypto';
import { expectChecksums } from './aws-chunked.ts';
import type { ObjectStore } from './objects.ts';
import type { S3Request } from './operations.ts';
import { S3Error } from './s3-error.ts';
import { isVersionId, NULL_VERSION, versionAsked } from './version-id.ts';
import { escapeXml, sendXml, unescapeXml, XMLNS } from './xml.ts';

/** S3's own limits: keys a delete, bytes of XML. */
const MAX_KEYS = 1000;
const MAX_XML_BYTES = 2 * 1024 * 1024;

/** With `versionId` that version is gone for good; without, a delete marker hides the object. */
export async function deleteObject({ res, key, query }: S3Request, store: ObjectStore) {
  const version = versionAsked(query);
  const touched = await removeOne(store, key, version);
  const marker = touched?.marker ? { 'x-amz-delete-marker': 'true' } : {};
  const id = store.versioned ? { 'x-amz-version-id': touched?.version ?? version } : {};
  res.writeHead(204, { ...id, ...marker }).end();
}

/** In a bucket that keeps no versions an object is gone for good, whatever is asked. */
const removeOne = (store: ObjectStore, key: string, version: string | undefined) =>
  version === undefined && store.versioned ? store.hide(key) : store.remove(key, version ?? NULL_VERSION);

/** POST ?delete */
export async function deleteObjects(request: S3Request, store: ObjectStore) {
  const text = await readXml(request);
  const objects = [...text.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, inner = '']) => readObject(inner));
  if (!/<Delete[\s>]/.test(text) || objects.length === 0 || objects.length > MAX_KEYS)
    throw new S3Error(
      400,
      'MalformedXML',
      'The XML you provided was not well-formed or has no or too many keys.',
    );
  const quiet = /<Quiet>true<\/Quiet>/.test(text);
  const results: string[] = [];
  for (const { key, version } of objects) {
    const name = `<Key>${escapeXml(key)}</Key>`;
    const asked = version === undefined ? '' : `<VersionId>${escapeXml(version)}</VersionId>`;
    if (version !== undefined && !isVersionId(version)) {
      const error = '<Code>NoSuchVersion</Code><Message>The specified version does not exist.</Message>';
      results.push(`<Error>${name}${asked}${error}</Error>`);
      continue;
    }
    const touched = await removeOne(store, key, version);
    const marker = touched?.marker
      ? `<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>${touched.version}</DeleteMarkerVersionId>`
      : '';
    if (!quiet) results.push(`<Deleted>${name}${asked}${marker}</Deleted>`);
  }
  sendXml(request.res, 200, `<DeleteResult xmlns="${XMLNS}">${results.join('')}</DeleteResult>`).end();
}

/** The body, against the checksum that S3 insists on. */
async function readXml({ req, query }: S3Request): Promise<string> {
  const checksums = expectChecksums(req.headers, query, new Map());
  const named = Object.keys(req.headers).some(
    (name) => name === 'content-md5' || /^x-amz-checksum-(?!algorithm)/.test(name),
  );
  if (!named)
    throw new S3Error(
      400,
      'InvalidRequest',
      'Missing required header for this request: Content-MD5 or a checksum',
    );
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_XML_BYTES) throw new S3Error(400, 'MaxMessageLengthExceeded', 'Your request was too big.');
    checksums.update(chunk);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  checksums.verify(createHash('md5').update(body).digest());
  return body.toString();
}

function readObject(xml: string): { key: string; version: string | undefined } {
  const elements = new Map([...xml.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name, text]) => [name, text]));
  const key = elements.get('Key');
  const version = elements.get('VersionId');
  if (key === undefined || key === '')
    throw new S3Error(400, 'MalformedXML', 'The XML you provided has an object without a key.');
  for (const name of elements.keys())
    if (name !== 'Key' && name !== 'VersionId')
      throw new S3Error(501, 'NotImplemented', `The local S3 does not delete by ${name}.`);
  return { key: unescapeXml(key), version: version === undefined ? undefined : unescapeXml(version) };
}
