/** How a function gets the records of a table, in order, over failures, restarts and kill -9. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { StreamRecord } from '../../../local/streams/tap.ts';
import { eventually } from '../../support/eventually.ts';
import { temporaryFolder } from '../../support/local-bucket.ts';
import { collect, idOf, numberOf, settings, start, TableName } from './start.ts';

test('the records of an item come in order, however often the function throws', async (t) => {
  const { put, listen, settled } = await start(t);
  const seen = new Map<string, number[]>();
  let calls = 0;
  listen(
    async ({ Records }) => {
      if (++calls % 3 !== 0) throw new Error('not now');
      for (const record of Records)
        seen.set(idOf(record), [...(seen.get(idOf(record)) ?? []), numberOf(record)]);
    },
    { retries: 100 },
  );
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  await Promise.all(
    ids.map(async (id) => {
      for (let n = 0; n < 20; n++) await put(id, n);
    }),
  );
  await settled();
  const all = Array.from({ length: 20 }, (_, n) => n);
  assert.deepEqual(
    [...seen].toSorted(),
    ids.map((id) => [`{"S":"${id}"}`, all]),
  );
});

test('a batch goes on from the first record in batchItemFailures; what was before it does not come again', async (t) => {
  const { put, listen, settled } = await start(t);
  for (let n = 1; n <= 5; n++) await put('a', n);
  const batches: number[][] = [];
  listen(async ({ Records }) => {
    batches.push(Records.map(numberOf));
    if (batches.length > 1) return {};
    const [, , third, , fifth] = Records.map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber }));
    return { batchItemFailures: [fifth, third] };
  });
  await settled();
  assert.deepEqual(batches, [[1, 2, 3, 4, 5], [3], [4, 5]]);
});

test('a record that fails for good is a dead letter, alone', async (t) => {
  const dataDir = join(await temporaryFolder(t), 'data');
  const { put, listen, settled } = await start(t, dataDir);
  for (let n = 1; n <= 5; n++) await put('a', n);
  const taken: number[] = [];
  let tries = 0;
  listen(async ({ Records }) => {
    const numbers = Records.map(numberOf);
    if (numbers.includes(3)) {
      if (numbers[0] === 3) tries++;
      throw new Error('3 is a bad number');
    }
    taken.push(...numbers);
  });
  await settled();
  assert.deepEqual(taken, [1, 2, 4, 5]);
  assert.equal(tries, 1 + settings.retries);
  const letters = (await readFile(join(dataDir, 'streams', 'dead-letters.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n');
  const [letter] = letters.map((line): { error: string; record: StreamRecord } => JSON.parse(line));
  assert.equal(letters.length, 1);
  assert.equal(letter?.error, 'Error: 3 is a bad number');
  assert.equal(letter && numberOf(letter.record), 3);
});

test('a function that takes longer than it may is called again', async (t) => {
  const { put, listen, settled } = await start(t);
  await put('a', 1);
  let calls = 0;
  listen(() => (++calls === 1 ? new Promise(() => undefined) : Promise.resolve()), { timeout: 0.05 });
  await settled();
  assert.equal(calls, 2);
});

test('what nobody has dealt with comes back after a restart, itself, before what is new', async (t) => {
  const dataDir = join(await temporaryFolder(t), 'data');
  const first = await start(t, dataDir);
  for (let n = 1; n <= 3; n++) await first.put('a', n);
  const before: StreamRecord[] = [];
  first.listen(
    async ({ Records }) => {
      before.push(...Records);
      throw new Error('not now');
    },
    { retries: 1_000_000 },
  );
  await eventually(() => assert.ok(before.length > 0, 'none came yet'));
  await first.close();

  const second = await start(t, dataDir);
  await second.put('a', 4);
  const { records, handler } = collect();
  second.listen(handler);
  await second.settled();
  assert.deepEqual(records.map(numberOf), [1, 2, 3, 4]);
  assert.equal(records[0]?.eventID, before[0]?.eventID);
});

test(
  'after kill -9 amid writes the records tell what the table holds, change by change',
  { timeout: 120_000 },
  async (t) => {
    const dataDir = join(await temporaryFolder(t), 'data');
    const script = fileURLToPath(new URL('./counting-writers.ts', import.meta.url));
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, dataDir]);
      const exited = once(child, 'close');
      let written = 0;
      // Ten writers: at any moment several are amid their write.
      child.stdout.on('data', () => ++written === 40 + round * 7 && child.kill('SIGKILL'));
      const [, signal] = await exited;
      assert.equal(signal, 'SIGKILL');
    }

    const { documents, listen, settled } = await start(t, dataDir);
    const { Items = [] } = await documents.send(new ScanCommand({ TableName }));
    const told = new Map<string, number[]>();
    listen(async ({ Records }) => {
      for (const record of Records)
        told.set(idOf(record), [...(told.get(idOf(record)) ?? []), numberOf(record)]);
    });
    await settled();
    assert.equal(Items.length, 10);
    for (const { id, n } of Items) {
      const all = Array.from({ length: Number(n) }, (_, i) => i + 1);
      assert.deepEqual(told.get(`{"S":"${id}"}`), all);
    }
  },
);
