import * as v from 'valibot';

/** An object that landed in a bucket. */
export type StoredObject = {
  bucket: string;
  /** S3 key */
  key: string;
  /** Of the object under this key; absent in a bucket that keeps no versions. */
  version?: string | undefined;
  /** bytes */
  size: number;
  /** Orders the writes of one key: hexadecimal, padded so that it compares as a text. */
  sequencer: string;
};

/** S3 gives no length for a sequencer; those seen have 16 to 34 digits. */
const SEQUENCER_DIGITS = 64;

const eventSchema = v.object({ Records: v.optional(v.array(v.unknown()), []) });

const recordSchema = v.object({
  eventName: v.string(),
  s3: v.object({
    bucket: v.object({ name: v.string() }),
    object: v.object({
      key: v.string(),
      size: v.optional(v.number(), 0),
      // Of an object put before the bucket kept versions S3 documents null.
      versionId: v.nullish(v.string()),
      sequencer: v.optional(v.string(), ''),
    }),
  }),
});

/**
 * The records of an S3 event, unread: one that is malformed must not stop the others. S3's own test event has none.
 */
export function recordsOf(event: unknown): unknown[] {
  const parsed = v.safeParse(eventSchema, event);
  return parsed.success ? parsed.output.Records : [];
}

/**
 * The object in a record.
 * @returns undefined when the record is malformed, or not of a created object
 */
export function parseObject(record: unknown): StoredObject | undefined {
  const parsed = v.safeParse(recordSchema, record);
  if (!parsed.success || !parsed.output.eventName.startsWith('ObjectCreated:')) return undefined;
  const { bucket, object } = parsed.output.s3;
  const key = decodeKey(object.key);
  if (key === undefined) return undefined;
  return {
    bucket: bucket.name,
    key,
    version: object.versionId ?? undefined,
    size: object.size,
    sequencer: object.sequencer.padEnd(SEQUENCER_DIGITS, '0'),
  };
}

/** S3 encodes keys in its events as a form does: a space is `+`. */
function decodeKey(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
