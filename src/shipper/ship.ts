import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { callbackify } from 'node:util';
import {
  CreateLogStreamCommand,
  PutLogEventsCommand,
  type CloudWatchLogsClient,
  type InputLogEvent,
} from '@aws-sdk/client-cloudwatch-logs';
import { parseEntry, type Entry } from './journal.ts';

/**
 * Of one PutLogEvents: bytes, of which CloudWatch counts 26 for each event, and events.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
const MAX_BATCH_BYTES = 1_000_000;
const EVENT_BYTES = 26;

/** ms from the first event of a call to its last: CloudWatch refuses more than a day. */
const MAX_SPAN_MS = 23 * 60 * 60 * 1000;

/** Lines held at the most, journald's own limit being 48 KiB each; what comes after waits in the journal. */
const MAX_LINES = 1_000;

/** ms between two calls while there is little to send. */
const RESTFUL_MS = 1_000;

/** ms before another try, doubled each time up to the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

type Parts = {
  client: CloudWatchLogsClient;
  group: string;
  stream: string;
  /** Told the journal's cursor of the last line that CloudWatch has. */
  shipped: (cursor: string) => Promise<void>;
  /** Told why a call failed, once for each time. */
  log: (message: string) => void;
  /** Ends the pauses between calls, so that the last lines go out at once. */
  hurry?: AbortSignal;
  restMs?: number;
};

/**
 * Takes lines of `journalctl --output=json` and puts them into a log stream, in order and at least once. While CloudWatch
 * cannot be reached nothing more is taken: the lines wait in the journal, which has a bound of its own.
 */
export function createShipper(parts: Parts): Writable {
  const { client, group, stream, shipped, log, hurry, restMs = RESTFUL_MS } = parts;
  const place = { logGroupName: group, logStreamName: stream };
  let made = false;

  async function ship(lines: readonly string[]): Promise<void> {
    for (const batch of batches(lines.flatMap((line) => parseEntry(line) ?? []))) {
      await untilTaken(batch.map(({ timestamp, message }) => ({ timestamp, message })));
      await shipped(batch.at(-1)?.cursor ?? '');
    }
    if (lines.length < MAX_LINES) await pause(restMs, undefined, { signal: hurry }).catch(() => undefined);
  }

  async function untilTaken(logEvents: InputLogEvent[]): Promise<void> {
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      try {
        if (!made) await makeStream();
        await client.send(new PutLogEventsCommand({ ...place, logEvents }));
        return;
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error(String(error));
        log(`${name}: ${message}`);
        // No other try could help these events, and those after them would wait for ever.
        if (name === 'InvalidParameterException') return;
        if (name === 'ResourceNotFoundException') made = false;
      }
      await pause(wait);
    }
  }

  async function makeStream(): Promise<void> {
    await client.send(new CreateLogStreamCommand(place)).catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'ResourceAlreadyExistsException')) throw error;
    });
    made = true;
  }

  const shipThen = callbackify(ship);
  return new Writable({
    objectMode: true,
    highWaterMark: MAX_LINES,
    // What came while a call was under way is one call.
    writev(chunks, done) {
      shipThen(
        chunks.map(({ chunk }) => String(chunk)),
        done,
      );
    },
  });
}

/** Cuts entries, oldest first, into batches that one call may have. */
function batches(entries: Entry[]): Entry[][] {
  const found: Entry[][] = [];
  let bytes = Infinity;
  // A clock that was set back would be an error of the whole batch.
  for (const entry of entries.toSorted((a, b) => a.timestamp - b.timestamp)) {
    const size = Buffer.byteLength(entry.message) + EVENT_BYTES;
    const first = found.at(-1)?.[0]?.timestamp ?? entry.timestamp;
    if (bytes + size > MAX_BATCH_BYTES || entry.timestamp - first > MAX_SPAN_MS) {
      found.push([]);
      bytes = 0;
    }
    found.at(-1)?.push(entry);
    bytes += size;
  }
  return found;
}
