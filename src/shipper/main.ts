// Beside the server on an instance: what its unit writes into the journal goes to CloudWatch Logs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { shipperConfig } from '../runtime/config.ts';
import { orExit } from '../runtime/start-up.ts';
import { createShipper } from './ship.ts';

/** ms after SIGTERM in which journalctl still reads what the server wrote last. */
const LAST_WORDS_MS = 1_000;

const { AWS_REGION: region, LOG_GROUP, LOG_STREAM, LOG_UNIT, STATE_DIRECTORY } = orExit(shipperConfig);
const cursorFile = join(STATE_DIRECTORY, 'cursor');

const journal = spawn(
  'journalctl',
  [
    `--unit=${LOG_UNIT}`,
    '--follow',
    '--no-tail',
    '--output=json',
    '--output-fields=MESSAGE',
    '--all',
    ...after(),
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const ended = once(journal, 'close');

const hurry = new AbortController();
process.once('SIGTERM', () => {
  hurry.abort();
  setTimeout(() => journal.kill(), LAST_WORDS_MS);
});

await pipeline(
  Readable.from(createInterface({ input: journal.stdout }), { highWaterMark: 1 }),
  createShipper({
    client: new CloudWatchLogsClient({ region }),
    group: LOG_GROUP,
    stream: LOG_STREAM,
    hurry: hurry.signal,
    async shipped(cursor) {
      await writeFile(`${cursorFile}.new`, cursor);
      await rename(`${cursorFile}.new`, cursorFile);
    },
    log: (message) => console.error(message),
  }),
);
await ended;
// Without a signal journalctl does not end: systemd starts both again.
process.exitCode = hurry.signal.aborted ? 0 : 1;

/** Where the last run came to. */
function after(): string[] {
  try {
    return [`--after-cursor=${readFileSync(cursorFile, 'utf8')}`];
  } catch {
    return [];
  }
}
