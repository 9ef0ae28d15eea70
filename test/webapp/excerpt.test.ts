import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excerpt } from '../../src/pages/excerpt.ts';

const family = '👩‍👩‍👧‍👦';

for (const [what, text, wanted] of [
  ['200 characters stay', 'é'.repeat(200), 'é'.repeat(200)],
  ['more are cut', 'é'.repeat(201), `${'é'.repeat(199)}…`],
  ['no emoji is cut in two', '😀'.repeat(300), `${'😀'.repeat(199)}…`],
  ['families of seven code points stay together', family.repeat(40), `${family.repeat(28)}…`],
  ['one letter under accents without end is cut', `e${'\u0301'.repeat(9_000)}`, `e${'\u0301'.repeat(198)}…`],
  ['words are cut before their space', `${'a'.repeat(198)} ${'b'.repeat(9)}`, `${'a'.repeat(198)}…`],
  ['a text is one line', `${' \n\t'.repeat(9)}a\u0000b\u00a0 c `, 'a b c'],
  ['space without end hides what is behind it', `a${' '.repeat(5_000)}b`, 'a…'],
  ['directions are left out', 'a\u202eb\u2066c\u2069', 'abc'],
  ['right to left stays as it is', 'مرحبا بالعالم', 'مرحبا بالعالم'],
] as const) {
  test(what, () => {
    const cut = excerpt(text, 200);
    assert.equal(cut, wanted);
    assert.ok(cut.isWellFormed());
  });
}
