import type { ObjectInfo, ObjectStore } from './objects.ts';
import type { S3Request } from './operations.ts';
import { S3Error } from './s3-error.ts';
import { NULL_VERSION, SEQUENCER_DIGITS } from './version-id.ts';
import { escapeXml, sendXml, XMLNS } from './xml.ts';
import type { Query } from '../sigv4.ts';

/** S3's own limit. */
const MAX_KEYS = 1000;

/** GET ?list-type=2 */
export function listObjects({ res, query }: S3Request, store: ObjectStore, bucket: string) {
  const { value, prefix, max, encode, encoding } = detailsOf(query);
  const token = value('continuation-token');
  const after = token === undefined ? value('start-after') : Buffer.from(token, 'base64url').toString();

  const visible = store.keys().filter((key) => key.startsWith(prefix) && isAfter(key, after));
  const objects = visible.flatMap((key) => store.versions(key)[0] ?? []).filter(({ marker }) => !marker);
  const page = objects.slice(0, max);
  const last = page.at(-1);
  const truncated = last !== undefined && objects.length > page.length;
  const contents = page.map((info) => `<Contents>${describe(info, encode)}</Contents>`);
  const next = truncated ? Buffer.from(last.key).toString('base64url') : undefined;
  sendXml(
    res,
    200,
    `<ListBucketResult xmlns="${XMLNS}"><Name>${bucket}</Name><Prefix>${encode(prefix)}</Prefix>` +
      `<KeyCount>${page.length}</KeyCount><MaxKeys>${max}</MaxKeys><IsTruncated>${truncated}</IsTruncated>` +
      encoding +
      (next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`) +
      `${contents.join('')}</ListBucketResult>`,
  ).end();
}

/** GET ?versions */
export function listVersions({ res, query }: S3Request, store: ObjectStore, bucket: string) {
  const { value, prefix, max, encode, encoding } = detailsOf(query);
  // The SDK sends no empty marker; S3 takes one for none.
  const key = value('key-marker') || undefined;
  const version = value('version-id-marker') || undefined;
  if (version !== undefined && key === undefined)
    throw new S3Error(
      400,
      'InvalidArgument',
      'A version-id marker cannot be specified without a key marker.',
    );

  const keys = store.keys().filter((name) => name.startsWith(prefix));
  const rest =
    key !== undefined && version !== undefined && key.startsWith(prefix)
      ? store.versions(key).filter((info) => isOlder(info, version))
      : [];
  const later = keys.filter((name) => isAfter(name, key)).flatMap((name) => store.versions(name));
  const found = [...rest, ...later];
  const page = found.slice(0, max);
  const last = page.at(-1);
  const truncated = last !== undefined && found.length > page.length;
  const entries = page.map((info) => {
    const latest = `<IsLatest>${store.versions(info.key)[0] === info}</IsLatest>`;
    const inner = `<VersionId>${info.version}</VersionId>${latest}${describe(info, encode)}`;
    return info.marker ? `<DeleteMarker>${inner}</DeleteMarker>` : `<Version>${inner}</Version>`;
  });
  const next = truncated
    ? `<NextKeyMarker>${encode(last.key)}</NextKeyMarker><NextVersionIdMarker>${last.version}</NextVersionIdMarker>`
    : '';
  sendXml(
    res,
    200,
    `<ListVersionsResult xmlns="${XMLNS}"><Name>${bucket}</Name><Prefix>${encode(prefix)}</Prefix>` +
      `<KeyMarker>${encode(key ?? '')}</KeyMarker><VersionIdMarker>${escapeXml(version ?? '')}</VersionIdMarker>` +
      `<MaxKeys>${max}</MaxKeys><IsTruncated>${truncated}</IsTruncated>${encoding}${next}` +
      `${entries.join('')}</ListVersionsResult>`,
  ).end();
}

/** What both lists can be asked for. */
function detailsOf(query: Query) {
  const value = (name: string) => query.find(([key]) => key === name)?.[1];
  if (value('delimiter')) throw new S3Error(501, 'NotImplemented', 'The local S3 lists without a delimiter.');
  const max = Math.min(Number(value('max-keys') ?? MAX_KEYS), MAX_KEYS);
  if (!Number.isInteger(max) || max < 0)
    throw new S3Error(400, 'InvalidArgument', 'max-keys is not a count.');
  const byUrl = value('encoding-type') === 'url';
  return {
    value,
    prefix: value('prefix') ?? '',
    max,
    encode: byUrl ? encodeURIComponent : escapeXml,
    encoding: byUrl ? '<EncodingType>url</EncodingType>' : '',
  };
}

const isAfter = (key: string, marker: string | undefined): boolean =>
  marker === undefined || Buffer.compare(Buffer.from(key), Buffer.from(marker)) > 0;

/** Whether a version is older than one that may be deleted by now. Older than `null` is nothing. */
const isOlder = ({ sequencer }: ObjectInfo, version: string): boolean =>
  version !== NULL_VERSION && sequencer.toLowerCase() < version.slice(0, SEQUENCER_DIGITS);

function describe(
  { key, modified, etag, size, marker }: ObjectInfo,
  encode: (text: string) => string,
): string {
  const named = `<Key>${encode(key)}</Key><LastModified>${modified}</LastModified>`;
  if (marker) return named;
  return `${named}<ETag>&quot;${etag}&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass>`;
}
