import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { cocoClasses } from '../../../local/labels/coco-classes.ts';
import { loadClassifier } from '../../../local/labels/efficientnet/efficientnet-lite1.ts';
import { imagenetClasses } from '../../../local/labels/efficientnet/imagenet-classes.ts';
import { mergeLabels } from '../../../local/labels/merge.ts';
import { parentsOf } from '../../../local/labels/parents.ts';
import { temporaryFolder } from '../../support/local-bucket.ts';

const labels = new Set([...imagenetClasses, ...cocoClasses.values()].filter((label) => label !== undefined));
const box = { Left: 0, Top: 0, Width: 1, Height: 1 };

/** Probabilities of classes, by their labels; the first class of that label has it. */
function probabilities(shares: Record<string, number>): Float32Array {
  const all = new Float32Array(imagenetClasses.length);
  for (const [label, share] of Object.entries(shares)) all[imagenetClasses.indexOf(label)] = share;
  return all;
}

const confidence = (found: ReturnType<typeof mergeLabels>, name: string) =>
  found.find((label) => label.name === name)?.confidence ?? 0;

test('weights that are broken are named, with what they should be', async (t) => {
  const path = join(await temporaryFolder(t), 'weights.bin');
  const whole = await readFile('local/labels/efficientnet/efficientnet-lite1.int8.bin');
  for (const broken of [
    whole.subarray(0, -1),
    Buffer.alloc(0),
    Buffer.from(whole).fill(1, 1_000_000, 1_000_001),
  ]) {
    await writeFile(path, broken);
    await assert.rejects(loadClassifier(pathToFileURL(path)), /weights\.bin is broken: its SHA-256 is/);
  }
  await assert.rejects(loadClassifier(pathToFileURL(`${path}.missing`)), { code: 'ENOENT' });
});

test('every label has parents that end, and a word in French', async () => {
  assert.equal(imagenetClasses.length, 1000);
  // It grows while it is walked, and is walked to its end.
  for (const label of labels) {
    assert.ok(!parentsOf(label).includes(label), label);
    for (const parent of parentsOf(label)) labels.add(parent);
  }
  const lines = (await readFile('webapp/src/i18n/labels-fr.txt', 'utf8')).trimEnd().split('\n');
  assert.deepEqual(lines.map((line) => line.split(': ')[0]).toSorted(), [...labels].toSorted());
  for (const line of lines) assert.match(line, /^\S.*: \S.*$/);
});

test('classes are summed under what is above them', () => {
  const found = mergeLabels([], probabilities({ Tabby: 0.3, Cat: 0.3, 'Siamese Cat': 0.3, Cup: 0.1 }));
  assert.ok(confidence(found, 'Tabby') < 75);
  assert.ok(confidence(found, 'Cat') > 90);
  assert.equal(confidence(found, 'Pet'), confidence(found, 'Cat'));
  assert.ok(confidence(found, 'Animal') >= confidence(found, 'Cat'));
});

test('a label of both networks is there once, with the higher confidence', () => {
  const cup = probabilities({ Cup: 1 });
  for (const score of [0.2, 0.9]) {
    const found = mergeLabels([{ name: 'Cup', score, box }], cup);
    assert.equal(found.filter(({ name }) => name === 'Cup').length, 1);
    assert.equal(confidence(found, 'Cup'), 100);
    assert.equal(found.find(({ name }) => name === 'Cup')?.instances.length, 1);
  }
  const seen = mergeLabels([{ name: 'Cup', score: 1, box }], probabilities({ Cup: 0.5, Tabby: 0.5 }));
  assert.equal(confidence(seen, 'Cup'), 100);
  assert.equal(confidence(seen, 'Tableware'), 100);
});

test('nothing that is not to be said of people is said', () => {
  for (const label of ['Gorilla', 'Chimpanzee', 'Monkey', 'Bikini', 'Military Uniform', 'Rifle', 'Wig'])
    assert.ok(!labels.has(label), label);
});
