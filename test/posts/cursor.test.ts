import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpError } from '../../src/http/call.ts';
import { decodeCursor, encodeCursor } from '../../src/posts/cursor.ts';

const ID = 'POST#0190f0f0-0000-7000-8000-000000000000';
const is422 = (error: unknown) => error instanceof HttpError && error.status === 422;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  for (const user of [undefined, 'Ann', 'null', 'Zoë Müller', '日本語🐈', '"],["', ' ']) {
    it(`comes back in the list it was made for: ${user}`, () => {
      const cursor = encodeCursor(user, ID);
      assert.equal(decodeCursor(user, cursor), ID);
      assert.equal(encodeURIComponent(cursor), cursor, 'needs no encoding in a URL');
      assert.throws(() => decodeCursor('another', cursor), is422);
      assert.throws(() => decodeCursor(user === undefined ? 'null' : undefined, cursor), is422);
    });
  }

  const broken = [
    '',
    '!',
    ID,
    encode(ID),
    encode([]),
    encode([null]),
    encode([null, 'POST#1']),
    encode([null, ID, ID]),
    encode([1, ID]),
    encode({ 0: null, 1: ID }),
    encodeCursor(undefined, ID).slice(0, -2),
  ];
  for (const cursor of broken) {
    it(`is refused when it is broken: ${JSON.stringify(cursor)}`, () => {
      assert.throws(() => decodeCursor(undefined, cursor), is422);
    });
  }
});
