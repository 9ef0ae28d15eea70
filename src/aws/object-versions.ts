import {
  DeleteObjectsCommand,
  type DeleteObjectsCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';

/** One version of an object, or the marker of a deleted one. */
export type VersionEntry = { Key?: string | undefined; VersionId?: string | undefined };

/**
 * Deletes versions and delete markers under a prefix for good, page by page.
 * @param isDoomed which of them; they come by key, the newest of a key first
 * @throws the SDK's error, or NotDeleted when some could not be deleted
 */
export async function removeVersions(
  client: S3Client,
  bucket: string,
  prefix: string,
  isDoomed: (entry: VersionEntry) => boolean,
): Promise<void> {
  let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (markers) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...markers }),
    );
    // S3 goes on after a version that is gone by then: https://github.com/localstack/localstack/pull/12259
    const doomed = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].filter(isDoomed);
    await removeEntries(client, bucket, doomed);
    markers = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  }
}

/**
 * Deletes versions for good; one that is gone already is no error.
 * @param entries at most 1,000, as many as a list page has
 * @throws the SDK's error, or NotDeleted when some could not be deleted
 */
export async function removeEntries(
  client: S3Client,
  bucket: string,
  entries: VersionEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  requireDeleted(
    await client.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: entries.map(({ Key, VersionId }) => ({ Key, VersionId })), Quiet: true },
      }),
    ),
  );
}

/**
 * Looks whether everything was deleted that DeleteObjects was asked to.
 * @throws NotDeleted when some could not be deleted
 */
export function requireDeleted({ Errors = [] }: Pick<DeleteObjectsCommandOutput, 'Errors'>): void {
  // DeleteObjects answers 200 even when single keys failed. A version that is gone already is what was wanted.
  const failed = Errors.filter(({ Code }) => Code !== 'NoSuchVersion');
  const [first] = failed;
  if (first) throw new NotDeleted(first.Code, `${failed.length} objects, the first: ${first.Message}`);
}

/** Called by S3's code for the first of them, as its other errors are. */
class NotDeleted extends Error {
  constructor(code: string | undefined, message: string) {
    super(message);
    this.name = code ?? 'NotDeleted';
  }
}
