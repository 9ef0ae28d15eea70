import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { GAP, rowsOf } from '../../webapp/src/feed/rows.ts';
import { AROUND_PHOTO, feedSizes, ROW_HEIGHT } from '../../webapp/src/photo-shape.ts';

const photo = fc.record({
  width: fc.integer({ min: 1, max: 6_000 }),
  height: fc.integer({ min: 1, max: 6_000 }),
});
const letter = fc.constant({ width: undefined, height: undefined });
const lists = fc
  .array(fc.oneof({ weight: 3, arbitrary: photo }, letter), { maxLength: 60 })
  .map((all) => all.map((post, i) => ({ ...post, id: `${i}` })));
const hasPhoto = (post: { width: number | undefined }) => post.width !== undefined;

test('rows hold every post once and in order, reach to the edge and never beyond, and are of about one height', () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 600, max: 1_920 }), (posts, width) => {
      const rows = rowsOf(posts, { width, column: false, hasPhoto, more: false });
      assert.deepEqual(
        rows.flatMap(({ tiles }) => tiles.map(({ post }) => post)),
        posts,
      );
      for (const { tiles, height, full } of rows) {
        const photos = tiles.reduce((sum, { ratio }) => sum + ratio * height, 0);
        const used = photos + tiles.length * AROUND_PHOTO + (tiles.length - 1) * GAP;
        if (full) assert.ok(Math.abs(used - width) < 0.01, `${used} of ${width}`);
        else assert.ok(used < width);
        assert.ok(height <= ROW_HEIGHT * 1.3, `a row of ${height} px`);
        // One alone may be as low as it has to be: it is wider than the rest of the row would be.
        if (tiles.length > 1) assert.ok(height >= ROW_HEIGHT * 0.72, `a row of ${height} px`);
      }
    }),
  );
});

test('while older posts will follow, a last row that is not full waits for them', () => {
  const posts = Array.from({ length: 5 }, (_, i) => ({ id: `${i}`, width: 400, height: 300 }));
  const options = { width: 1_200, column: false, hasPhoto };
  const shown = (more: boolean) => rowsOf(posts, { ...options, more }).map(({ tiles }) => tiles.length);
  assert.deepEqual(shown(false), [2, 2, 1]);
  assert.deepEqual(shown(true), [2, 2]);
  // But never all that there is.
  assert.equal(rowsOf(posts.slice(0, 1), { ...options, more: true }).length, 1);
});

test('one column has a post a row, as wide as the list', () => {
  const posts = [
    { id: '1', width: 1_000, height: 10_000 },
    { id: '2', width: 10_000, height: 1_000 },
    { id: '3', width: undefined, height: undefined },
  ];
  const rows = rowsOf(posts, { width: 300, column: true, hasPhoto, more: true });
  assert.deepEqual(
    rows.map(({ tiles }) => tiles.length),
    [1, 1, 1],
  );
  const heights = rows.slice(0, 2).map(({ height }) => Math.round(height));
  assert.deepEqual(heights, [310, 95], 'the highest photo, and the widest, are cropped');
});

test('the browser is told how wide a photo is, with what is cropped', () => {
  assert.equal(feedSizes({ width: 400, height: 300 }), '(width < 40rem) calc(1.00 * (100vw - 5rem)), 453px');
  assert.equal(
    feedSizes({ width: 1_000, height: 100 }),
    '(width < 40rem) calc(3.85 * (100vw - 5rem)), 3400px',
  );
  assert.equal(
    feedSizes({ width: 100, height: 1_000 }),
    '(width < 40rem) calc(1.00 * (100vw - 5rem)), 224px',
  );
});
