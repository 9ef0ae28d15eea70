import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { setTimeout as pause } from 'node:timers/promises';
import { DeployFailure } from '../cloudformation/failure.ts';
import { logLine } from '../terminal/log-line.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** ms between looks. Several groups and readers share a quota of a few looks a second. */
const lookMs = 2_000;

/** ms for which an event may come late: agents batch, and CloudWatch makes an event readable after some seconds. */
const lateMs = 30_000;

/** Around every call of a function, and told better by its REPORT. */
const noise = /^(START|END) RequestId: /;

/**
 * Prints what log groups hold, oldest first, and with `follow` what comes, until the run is interrupted.
 * @param groups names of log groups; the last part of each is what its lines are marked with
 * @param options.since ms before now from which on
 * @param options.looks how often to look, for a follower that ends
 * @throws DeployFailure when none of the groups is there
 */
export async function logs(
  { client, terminal }: { client: CloudWatchLogsClient; terminal: Terminal },
  groups: readonly string[],
  { since, follow, looks = Infinity }: { since: number; follow: boolean; looks?: number },
): Promise<void> {
  const readers = groups.map((group) => createReader(client, group, Date.now() - since));
  for (let look = 1; ; look++) {
    const pages = await Promise.all(readers.map((reader) => reader.page()));
    const there = pages.filter((page) => page !== undefined);
    if (there.length === 0 && look === 1) {
      throw new DeployFailure(`There is no log group ${groups.join(' or ')}`, 'Is this stage deployed?');
    }
    const events = there.flatMap((page) => page.events);
    // In the order of time within a round of pages: all there is, unless that is more than a page of 1 MB.
    for (const event of events.toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0)))
      terminal.line(logLine(event, terminal.paint));
    if (there.some(({ more }) => more)) continue;
    if (!follow || look >= looks) return;
    await pause(lookMs);
  }
}

/** Reads a group page by page from where it stood, each event once. */
function createReader(client: CloudWatchLogsClient, logGroupName: string, start: number) {
  const source = logGroupName.split('/').at(-1) ?? logGroupName;
  let newest = start + lateMs;
  let startTime = start;
  let nextToken: string | undefined;
  /** Ids of events that the next look may find again, and their times. */
  const shown = new Map<string, number>();

  return {
    /** @returns events not read yet, and whether more of them wait; undefined when there is no such group */
    async page() {
      const page = await unlessMissing(
        client.send(new FilterLogEventsCommand({ logGroupName, startTime, nextToken })),
      );
      if (!page) return undefined;
      const fresh = (page.events ?? []).filter(
        ({ eventId = '', message = '' }) => !shown.has(eventId) && !noise.test(message),
      );
      for (const { eventId = '', timestamp = 0 } of fresh) {
        shown.set(eventId, timestamp);
        newest = Math.max(newest, timestamp);
      }
      for (const [id, time] of shown) if (time < newest - lateMs) shown.delete(id);
      ({ nextToken } = page);
      // The next look goes back a little, and knows what was shown of that stretch.
      if (nextToken === undefined) startTime = newest - lateMs;
      return { events: fresh.map((event) => ({ ...event, source })), more: nextToken !== undefined };
    },
  };
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
