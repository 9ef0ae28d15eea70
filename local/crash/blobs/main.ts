/**
 * `npm run crash -- blobs`: 1,000 blobs with a callback each go to the laptop's cloud, which is killed with SIGKILL at random
 * moments and started again on the same data; one in ten events comes twice; the receiver is slow and fails at random. In
 * the end each callback has arrived, and none for a blob that was deleted. A number after it is the seed, how many blobs
 * the one after that.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../processes.ts';
import { readTable } from '../read.ts';
import { createClients, type Blob } from './clients.ts';
import { comesTwice } from './doubled.ts';
import { randomFrom } from './random.ts';
import { type Arrival, startFlakyReceiver } from './receiver.ts';
import { verify } from './verify.ts';

const KILLS = 10;
const CLIENTS = 4;
/** The kill comes this long after all is there again, at random, milliseconds. */
const KILL_AFTER_MS = { min: 2_000, max: 20_000 };
/** From the last delete on a callback that should be gone would be tried again within this time, milliseconds. */
const AFTERMATH_MS = 90_000;
/** A receiver that fails twice, and a try killed in between, put off a callback by 21 minutes. */
const SETTLE_MS = 45 * 60_000;

// The pinned versions of the SDK run on Node 20; its advice to upgrade is no finding.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const seed = Number(process.argv[3] ?? 1 + Math.floor(Math.random() * 2_147_483_646));
const wanted = Number(process.argv[4] ?? 1_000);
console.log(`seed ${seed}, ${wanted} blobs`);
const random = randomFrom(seed);

const dataDir = await mkdtemp(join(tmpdir(), 'blobs-crash-'));
const image = await readFile(new URL('../../../test/photos/chelsea.jpg', import.meta.url));
const secret = Buffer.from('the secret of a run of crash.ts').toString('base64');
const receiver = await startFlakyReceiver(secret, random);

const start = (env: Record<string, string>) =>
  startChild('local/crash/blobs/cloud.ts', {
    ...env,
    LOCAL_DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    BLOBS_CALLBACK_SECRET: secret,
  });

try {
  let cloud = await start({});
  // What cloud.ts prints.
  const env = JSON.parse(cloud.line) as Record<string, string>;
  const clients = createClients({ url: env.URL ?? '', receiver: receiver.url, image });
  const { blobs } = clients;

  let asked = 0;
  const uploads = Array.from({ length: CLIENTS }, () =>
    clients.upload(
      () => asked++ < wanted,
      // One in twenty before it has labels; as many once their first try has failed.
      async (blob) => void (random() < 0.05 && (await clients.remove(blob))),
    ),
  );
  let isOver = false;
  const deletes = removeFailed(() => isOver);

  for (let kill = 1; kill <= KILLS; kill++) {
    const { min, max } = KILL_AFTER_MS;
    await sleep(min + random() * (max - min));
    await cloud.end('SIGKILL');
    cloud = await start(env);
    console.log(
      `kill ${kill} of ${KILLS}: ${blobs.length} uploaded, ${receiver.arrivals.length} tries arrived`,
    );
  }
  await Promise.all(uploads);
  isOver = true;
  await deletes;
  await Promise.all([settle(env), sleep(AFTERMATH_MS)]);
  const findings = await verify({ env, dataDir, blobs, ...receiver });
  await cloud.end('SIGKILL');
  report(blobs, clients.cut(), receiver.arrivals);
  for (const [what, found] of Object.entries(findings))
    console.log(`${what}: ${found.length}`, ...found.slice(0, 10));
  if (Object.values(findings).some((found) => found.length > 0)) process.exitCode = 1;

  /** Deletes one in ten of the blobs whose first try failed. */
  async function removeFailed(goOn: () => boolean) {
    const seen = new Set<Arrival>();
    while (!goOn()) {
      await sleep(200);
      for (const arrival of receiver.arrivals.filter(
        (one) => one.answer !== undefined && one.answer !== 200,
      )) {
        const blob = blobs.find(({ id }) => id === arrival.blobId);
        if (seen.has(arrival) || !blob) continue;
        seen.add(arrival);
        if (blob.deletedAt === undefined && random() < 0.2) await clients.remove(blob);
      }
    }
  }

  /** Waits until no event is left, and no callback is due any more. */
  async function settle(to: Record<string, string>) {
    const end = performance.now() + SETTLE_MS;
    const events = join(dataDir, 'buckets', 'blobs-images-local', 'events');
    for (let rounds = 0; ; rounds++) {
      const items = await readTable(to, 'blobs-blobs-local');
      const open = items.filter(
        ({ blob_state: state, callback_state: due }) => state?.S === 'UPLOADED' || due,
      );
      const left = (await readdir(events)).length;
      if (open.length === 0 && left === 0) return;
      if (performance.now() > end) return console.log(`not settled: ${open.length} blobs, ${left} events`);
      if (rounds % 30 === 0) console.log(`settling: ${open.length} blobs are under way, ${left} events left`);
      await sleep(2_000);
    }
  }
} finally {
  receiver.close();
  await rm(dataDir, { recursive: true, force: true });
}

function report(blobs: readonly Blob[], cut: number, arrivals: readonly Arrival[]) {
  const deleted = blobs.filter(({ deletedAt }) => deletedAt !== undefined).length;
  const twice = blobs.filter(({ key }) => comesTwice(key)).length;
  const failed = arrivals.filter(({ answer }) => answer !== 200).length;
  const again =
    arrivals.length -
    failed -
    new Set(arrivals.filter(({ answer }) => answer === 200).map(({ webhookId }) => webhookId)).size;
  console.log(
    `${blobs.length} blobs, ${deleted} of them deleted; ${twice} events of images came twice; ` +
      `${cut} calls of clients were cut off or refused and made again.`,
  );
  console.log(`${arrivals.length} tries arrived: ${failed} failed, ${again} were repeats of a success.`);
}
