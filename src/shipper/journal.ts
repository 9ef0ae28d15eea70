import * as v from 'valibot';

/** Bytes of one event; CloudWatch takes more only since 2025. */
const MAX_MESSAGE_BYTES = 256_000;

/** A message with characters that a terminal should not see is an array of bytes; one without a message is null. */
const Line = v.object({
  __CURSOR: v.string(),
  /** Microseconds since 1970. */
  __REALTIME_TIMESTAMP: v.pipe(v.string(), v.toNumber()),
  MESSAGE: v.nullish(v.union([v.string(), v.array(v.number())])),
});

/** A line of the journal: `timestamp` in ms, `cursor` to go on after it. */
export type Entry = { cursor: string; timestamp: number; message: string };

/**
 * Reads a line of `journalctl --output=json`.
 * https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-json-format
 * @returns undefined when there is nothing to tell: CloudWatch refuses empty messages
 */
export function parseEntry(line: string): Entry | undefined {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), Line), line);
  if (!result.success) return undefined;
  const { __CURSOR: cursor, __REALTIME_TIMESTAMP: time, MESSAGE } = result.output;
  const message = cut(typeof MESSAGE === 'string' ? MESSAGE : Buffer.from(MESSAGE ?? []).toString());
  return message === '' ? undefined : { cursor, timestamp: Math.floor(time / 1000), message };
}

function cut(message: string): string {
  if (message.length <= MAX_MESSAGE_BYTES / 4) return message;
  return Buffer.from(message).subarray(0, MAX_MESSAGE_BYTES).toString();
}
