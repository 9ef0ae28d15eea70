/**
 * `npm run crash`: posts, photos and deletes stream to Postagram while its server, its storage, or both are killed with
 * SIGKILL at random moments and started again on the same data. What was acknowledged has to be so in the end: posts are
 * there, deleted ones are not, every photo has its labels, and no object lies about that no post shows.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLedger } from './ledger.ts';
import { retryDeletes, stream } from './load.ts';
import { startBoth, type Victim } from './processes.ts';
import { settle, verify } from './verify.ts';

/** Each is killed so often: the server, the storage, both at once. */
const ROUNDS = 10;
const VICTIMS: Victim[][] = [['server'], ['storage'], ['server', 'storage']];
/** Clients with and without photos. */
const PHOTO_STREAMS = 3;
const STREAMS = 8;
/** The kill comes this long after all are there again, at random, milliseconds. */
const KILL_AFTER_MS = { min: 200, max: 2_000 };

// The pinned versions of the SDK run on Node 20; its advice to upgrade is no finding.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const dataDir = await mkdtemp(join(tmpdir(), 'postagram-crash-'));
const photo = await readFile(new URL('../../test/photos/chelsea.jpg', import.meta.url));
const ledger = createLedger();

try {
  const both = await startBoth(dataDir);
  const world = { ...both, photo, ledger, dataDir };
  let killing = true;
  const streams = Array.from({ length: STREAMS }, (_, i) =>
    stream(world, `crash-${i}`, i < PHOTO_STREAMS, () => killing),
  );

  for (let round = 1; round <= ROUNDS; round++) {
    for (const victims of VICTIMS) {
      const { min, max } = KILL_AFTER_MS;
      await sleep(min + Math.random() * (max - min));
      await both.killAndRestart(victims);
    }
    const { posts, photos, deletes } = ledger.acknowledged;
    console.log(
      `round ${round} of ${ROUNDS}: ${posts} posts, ${photos} photos, ${deletes} deletes acknowledged`,
    );
  }
  killing = false;
  await Promise.all(streams);
  await retryDeletes(world);
  await settle(dataDir);
  const { more, findings } = await verify(world);
  await both.close();

  const { posts, photos, deletes } = ledger.acknowledged;
  const errors = [...ledger.errors].map(([status, count]) => `${count} × ${status}`).join(', ');
  console.log(
    `${ROUNDS} kills each of server, storage and both: ${posts} posts, ${photos} photos, ${deletes} deletes acknowledged.`,
  );
  console.log(`${more} posts more were stored whose answer a kill cut off. Not answered: ${errors}.`);
  for (const [what, ids] of Object.entries(findings))
    console.log(`${what}: ${ids.length}`, ...ids.slice(0, 10));
  const enough = posts > 0 && photos > 0 && deletes > 0;
  if (!enough || Object.values(findings).some((ids) => ids.length > 0)) process.exitCode = 1;
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
