import { randomBytes } from 'node:crypto';
import type { Query } from '../sigv4.ts';
import { S3Error } from './s3-error.ts';

/** The version of an object put before the bucket kept versions, as S3 calls it. */
export const NULL_VERSION = 'null';

/** Hex digits of a sequencer. */
export const SEQUENCER_DIGITS = 18;

/**
 * 32 characters, as S3's. They begin with the sequencer, so that a list can go on after a version that is deleted by
 * then; in lower case, because they name files.
 */
export const newVersionId = (sequencer: string): string =>
  sequencer.toLowerCase() + randomBytes(7).toString('hex');

export const isVersionId = (text: string): boolean => text === NULL_VERSION || /^[0-9a-f]{32}$/.test(text);

/**
 * The version that a request asks for.
 * @returns undefined when it asks for whichever is the newest
 * @throws S3Error InvalidArgument for a text that is no version
 */
export function versionAsked(query: Query): string | undefined {
  const asked = query.find(([name]) => name === 'versionId')?.[1];
  if (asked === '') throw new S3Error(400, 'InvalidArgument', 'Version id cannot be the empty string');
  if (asked !== undefined && !isVersionId(asked))
    throw new S3Error(400, 'InvalidArgument', 'Invalid version id specified');
  return asked;
}
