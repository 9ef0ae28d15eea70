import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { v7 as uuidv7 } from 'uuid';
import { imageKey, parseImageKey } from '../../src/posts/post.ts';

const ID = 'POST#0190f0f0-0000-7000-8000-000000000000';
const PHOTO = '0190f0f0-1111-7111-8111-111111111111';
const BYTES = 100;

describe('an image key', () => {
  // [file name, what is left of it]
  const rows: [string, string][] = [
    ['cat.jpg', 'cat.jpg'],
    ['../../etc/passwd', 'passwd'],
    ['../../x', 'x'],
    ['..', '..'],
    ['/', ''],
    ['a/b/', ''],
    ['C:\\photos\\cat.jpg', 'cat.jpg'],
    ['a b+c#é.jpg', 'a b+c#é.jpg'],
    ['%2F%2e%2e', '%2F%2e%2e'],
    ['cafe\u0301.png', 'café.png'],
    ['line\nbreak\u0000\u007f\u0085.jpg', 'linebreak.jpg'],
    ['half \ud83d pair.jpg', 'half  pair.jpg'],
    ['non\ufffe\uffffcharacters', 'noncharacters'],
    ['🐈‍⬛.jpg', '🐈‍⬛.jpg'],
    ['x'.repeat(BYTES), 'x'.repeat(BYTES)],
    [`${'x'.repeat(296)}.jpg`, `${'x'.repeat(96)}.jpg`],
    // A character of four bytes is not cut in two.
    [`${'🐈'.repeat(75)}a`, `${'🐈'.repeat(24)}a`],
    [`${'é'.repeat(150)}.jpg`, `${'é'.repeat(48)}.jpg`],
  ];
  for (const [filename, basename] of rows) {
    it(`has three segments and ends as the file does: ${JSON.stringify(filename).slice(0, 40)}`, () => {
      const key = imageKey('Zoë Müller', ID, PHOTO, filename);
      assert.equal(key, `Zoë Müller/${ID.slice(5)}/${PHOTO}${basename}`);
      assert.ok(Buffer.byteLength(basename) <= BYTES);
      assert.deepEqual(parseImageKey(key), { user: 'Zoë Müller', id: ID, photoId: PHOTO });
    });
  }

  it('comes back whatever the user is called', () => {
    for (const user of ['a', '...', 'x y', '100%', 'a\\b', '日本語', '🐈'.repeat(64)]) {
      const key = imageKey(user, ID, uuidv7(), 'cat.jpg');
      assert.deepEqual(parseImageKey(key), { user, id: ID, photoId: key.split('/')[2]?.slice(0, 36) });
      assert.ok(Buffer.byteLength(key) <= 1024, 'S3 takes it');
    }
  });

  it('sorts by the time it was made, whatever the file names', () => {
    const names = ['z', '~', '', '\u{10ffff}', '0', 'a'];
    const keys = names.map((name) => imageKey('a', ID, uuidv7(), name));
    assert.deepEqual(keys.toSorted(), keys);
  });

  const others = [
    '',
    '/',
    '//',
    'cat.jpg',
    `a/${PHOTO}`,
    `/${ID.slice(5)}/${PHOTO}cat.jpg`,
    `a//${PHOTO}cat.jpg`,
    `a/${ID.slice(5)}/`,
    `a/${ID.slice(5)}/cat.jpg`,
    `a/${ID.slice(5)}/${PHOTO.slice(1)}`,
    `a/${ID}/${PHOTO}cat.jpg`,
    `a/${ID.slice(5).toUpperCase()}/${PHOTO}cat.jpg`,
    `a/${ID.slice(5)}/${PHOTO}cat.jpg/b`,
    `/a/${ID.slice(5)}/${PHOTO}cat.jpg`,
  ];
  for (const key of others) {
    it(`is not ${JSON.stringify(key)}`, () => assert.equal(parseImageKey(key), undefined));
  }
});
