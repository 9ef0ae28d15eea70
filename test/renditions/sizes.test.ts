import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heightAt, renditionWidths } from '../../src/renditions/sizes.ts';

describe('the widths a photo is shown in', () => {
  // [what, width, height, widths]
  const rows: [string, number, number, number[]][] = [
    ['a landscape', 4032, 3024, [320, 640, 1280, 2048]],
    ['a portrait', 3024, 4032, [320, 640, 1280, 2048]],
    ['a square', 1000, 1000, [320, 640, 1000]],
    ['a panorama', 10_000, 1_000, [320, 640, 1280, 2048]],
    ['exactly one of the widths', 1280, 10, [320, 640, 1280]],
    ['exactly the largest', 2048, 2048, [320, 640, 1280, 2048]],
    ['one pixel more than a width', 641, 480, [320, 640, 641]],
    ['a small one', 80, 80, [80]],
    ['one pixel', 1, 1, [1]],
    ['a tower that WebP holds', 1638, 16_380, [320, 640, 1280, 1638]],
    ['a tower that WebP does not hold', 1000, 20_000, [320, 640, 819]],
    ['a line that WebP does not hold', 1, 40_000, [1]],
  ];
  for (const [what, width, height, widths] of rows) {
    it(`of ${what}, ${width} × ${height}: ${widths.join(', ')}`, () => {
      assert.deepEqual(renditionWidths({ width, height }), widths);
      for (const one of widths) assert.ok(heightAt(one, { width, height }) <= 16_383);
    });
  }
});

describe('the height at a width', () => {
  const rows: [number, number, number, number][] = [
    [320, 4032, 3024, 240],
    [320, 10_000, 1_000, 32],
    [320, 10_000, 1, 1],
    [1, 1, 40_000, 16_383],
  ];
  for (const [at, width, height, expected] of rows)
    it(`${at} of ${width} × ${height}: ${expected}`, () =>
      assert.equal(heightAt(at, { width, height }), expected));
});
