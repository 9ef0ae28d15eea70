import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { en } from '../../webapp/src/i18n/en.ts';
import { fr } from '../../webapp/src/i18n/fr.ts';
import { explainRefusal } from '../../webapp/src/i18n/refusals.ts';

const folders = ['aws', 'labels', 'renditions'].map((name) => join(import.meta.dirname, '../../src', name));

test('the page has words of its own for every reason that the labeler and the renditions give', () => {
  const files = folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)));
  const source = files.map((file) => readFileSync(file, 'utf8')).join('');
  const reasons = new Set([...source.matchAll(/'(The photo [^']+\.)'/g)].map(([, reason]) => reason ?? ''));
  assert.ok(reasons.size >= 6, `found ${[...reasons]}`);
  for (const reason of reasons) {
    assert.notEqual(explainRefusal(reason, en), reason);
    assert.notEqual(explainRefusal(reason, fr), reason);
  }
});

test('a reason that the page does not know is shown as it is', () => {
  assert.equal(explainRefusal('It is a drawing.', fr), 'It is a drawing.');
});
