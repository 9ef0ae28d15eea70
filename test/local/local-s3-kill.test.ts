import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { Bucket, startBucket, temporaryFolder } from '../support/local-bucket.ts';

/** A data folder in which a PUT was killed. @returns what it left there */
async function killedAt(t: TestContext, moment: 'between' | 'after') {
  const dataDir = join(await temporaryFolder(t), 'data');
  const script = fileURLToPath(new URL('../support/killed-put.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, dataDir, moment]);
  const [, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL');
  const count = async (folder: string) => (await readdir(join(dataDir, folder))).length;
  return { dataDir, events: await count('events'), objects: await count('objects') };
}

async function versionsIn({ client }: Awaited<ReturnType<typeof startBucket>>) {
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  return Versions.map(({ Key, VersionId }) => [Key, VersionId]);
}

/** Starts on the folder. @returns the versions it holds, and the events that come */
async function restart(t: TestContext, dataDir: string) {
  const bucket = await startBucket(t, { dataDir });
  const versions = await versionsIn(bucket);
  const events: unknown[] = [];
  bucket.onObjectCreated(async (event) => {
    // The shape of S3, which other tests hold it to.
    const { Records } = event as { Records: { s3: { object: { key: string; versionId: string } } }[] };
    events.push(...Records.map(({ s3: { object } }) => [object.key, object.versionId]));
  });
  while (bucket.pendingEvents() > 0) await new Promise(setImmediate);
  return { versions, events, left: await readdir(join(dataDir, 'incoming')) };
}

test('a PUT killed between event and object leaves neither', async (t) => {
  const { dataDir, ...found } = await killedAt(t, 'between');
  assert.deepEqual(found, { events: 1, objects: 0 }, 'the event is written first');
  assert.deepEqual(await restart(t, dataDir), { versions: [], events: [], left: [] });
});

test('a PUT killed when both are there, before anybody is told, is an object with its event', async (t) => {
  const { dataDir, ...found } = await killedAt(t, 'after');
  assert.deepEqual(found, { events: 1, objects: 1 });
  const { versions, events } = await restart(t, dataDir);
  assert.equal(versions.length, 1);
  assert.equal(versions[0]?.[0], 'k');
  assert.deepEqual(events, versions);
});
