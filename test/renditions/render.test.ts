import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA } from 'thumbhash';
import { createRenderer, UnreadablePhoto } from '../../src/renditions/render.ts';

const coffee = await readFile(new URL('../photos/coffee.jpg', import.meta.url));
const render = createRenderer();
const rendered = (image: Uint8Array) => render(() => Promise.resolve(image));

const RED = { r: 220, g: 20, b: 30 };
const BLUE = { r: 20, g: 40, b: 200 };

/** Red above blue: which side is up can be seen. */
const redOverBlue = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: BLUE } }).composite([
    {
      input: { create: { width, height: Math.floor(height / 2), channels: 3, background: RED } },
      gravity: 'north',
    },
  ]);

/** Colour of the middle of the upper or lower half. */
async function colourAt(image: Uint8Array, part: 'above' | 'below') {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const y = Math.floor(info.height * (part === 'above' ? 0.25 : 0.75));
  const at = (y * info.width + Math.floor(info.width / 2)) * info.channels;
  return [...data.subarray(at, at + 3)];
}

function assertNear(actual: number[], { r, g, b }: typeof RED, by = 12) {
  assert.ok(
    [r, g, b].every((value, i) => Math.abs(value - (actual[i] ?? NaN)) <= by),
    `${actual} is not about ${[r, g, b]}`,
  );
}

describe('what a photo is shown as', () => {
  for (const [what, width, height, sizes] of [
    ['a portrait', 900, 1600, ['320x569', '640x1138', '900x1600']],
    ['a panorama of 10:1', 3000, 300, ['320x32', '640x64', '1280x128', '2048x205']],
    ['a square', 500, 500, ['320x320', '500x500']],
    ['less than the smallest', 100, 80, ['100x80']],
  ] as const) {
    it(`${what}: whole, in WebP, never larger than it was`, async () => {
      const photo = await redOverBlue(width, height).jpeg().toBuffer();
      const rendering = await rendered(photo);
      assert.deepEqual([rendering.width, rendering.height], [width, height]);
      const found = await Promise.all(rendering.renditions.map(({ bytes }) => sharp(bytes).metadata()));
      assert.deepEqual(
        found.map((one) => `${one.width}x${one.height}`),
        sizes,
      );
      assert.deepEqual(
        rendering.renditions.map((one) => one.width),
        found.map((one) => one.width),
      );
      for (const { bytes } of rendering.renditions) {
        assertNear(await colourAt(bytes, 'above'), RED);
        assertNear(await colourAt(bytes, 'below'), BLUE);
      }
    });
  }

  it('has the shape and the mean colour in its ThumbHash', async () => {
    const plain = sharp({ create: { width: 300, height: 200, channels: 3, background: RED } });
    const { thumbhash } = await rendered(await plain.png().toBuffer());
    const hash = Buffer.from(thumbhash, 'base64');
    const { r, g, b, a } = thumbHashToAverageRGBA(hash);
    assertNear([r * 255, g * 255, b * 255], RED, 16);
    assert.equal(a, 1);
    assert.ok(Math.abs(thumbHashToApproximateAspectRatio(hash) - 1.5) < 0.3);
  });

  it('keeps what is transparent', async () => {
    const glass = sharp({
      create: { width: 64, height: 64, channels: 4, background: { ...RED, alpha: 0.5 } },
    });
    const { renditions } = await rendered(await glass.png().toBuffer());
    const { data, info } = await sharp(renditions[0]?.bytes).raw().toBuffer({ resolveWithObject: true });
    assert.equal(info.channels, 4);
    assertNear([...data.subarray(0, 3)], RED);
    assert.ok(Math.abs((data[3] ?? 0) - 128) <= 2);
  });
});

describe('a photo is turned upright, as EXIF says', () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`orientation ${orientation}`, async () => {
      const photo = await sharp(coffee).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
      const { width, height, renditions } = await rendered(photo);
      assert.deepEqual([width, height], orientation >= 5 ? [400, 600] : [600, 400]);
      // sharp's own way, which holds the photo whole in memory while it turns it.
      const theirs = await sharp(photo).autoOrient().raw().toBuffer();
      const ours = await sharp(renditions.at(-1)?.bytes).raw().toBuffer();
      assert.equal(ours.length, theirs.length);
      const difference = ours.reduce((sum, value, i) => sum + Math.abs(value - (theirs[i] ?? 0)), 0);
      assert.ok(difference / ours.length < 6, `mean difference ${difference / ours.length}`);
    });
  }
});

describe('nothing is in it but pixels', () => {
  it('no EXIF, no place, no profile, no XMP', async () => {
    const photo = await sharp(coffee)
      .withExif({
        IFD0: { Make: 'Telephone', Artist: 'Somebody' },
        IFD3: { GPSLatitude: '48/1 51/1 0/1', GPSLatitudeRef: 'N' },
      })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>Somewhere</a></x:xmpmeta>')
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    const before = await sharp(photo).metadata();
    assert.ok(before.exif && before.icc && before.xmp, 'the photo has all of them');
    const { renditions } = await rendered(photo);
    assert.equal(renditions.length, 2);
    for (const { bytes } of renditions) {
      const { exif, icc, xmp, iptc, orientation } = await sharp(bytes).metadata();
      assert.deepEqual([exif, icc, xmp, iptc, orientation], Array(5).fill(undefined));
      assert.doesNotMatch(bytes.toString('latin1'), /EXIF|XMP |ICCP|Telephone|Somewhere/);
    }
  });

  it('and those in sRGB: a profile is reckoned in', async () => {
    const flat = {
      create: { width: 40, height: 40, channels: 3, background: { r: 60, g: 160, b: 60 } },
    } as const;
    const wide = await sharp(flat).withIccProfile('p3').png().toBuffer();
    // The same numbers mean another colour without the profile.
    const numbers = [...(await sharp(wide, { ignoreIcc: true }).raw().toBuffer()).subarray(0, 3)];
    assert.ok(Math.abs((numbers[0] ?? 0) - 60) > 15, `${numbers}`);
    const { renditions } = await rendered(wide);
    assertNear(await colourAt(renditions[0]?.bytes ?? Buffer.of(), 'above'), { r: 60, g: 160, b: 60 });
  });

  for (const [what, photo] of [
    ['grey', redOverBlue(40, 40).grayscale().jpeg()],
    ['of inks', sharp(coffee).toColourspace('cmyk').jpeg()],
    ['of 16 bits', sharp(coffee).toColourspace('rgb16').png()],
  ] as const) {
    it(`also of a photo that is ${what}`, async () => {
      const { renditions } = await rendered(await photo.toBuffer());
      const { space, channels } = await sharp(renditions[0]?.bytes).metadata();
      assert.deepEqual([space, channels], ['srgb', 3]);
    });
  }
});

/** A JPEG that says it has another size. */
function sized(jpeg: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg);
  const start = [0xc0, 0xc2].map((kind) => copy.indexOf(Buffer.of(0xff, kind))).find((at) => at > 0) ?? 0;
  copy.writeUInt16BE(height, start + 5);
  copy.writeUInt16BE(width, start + 7);
  return copy;
}

const png = await sharp(coffee).png().toBuffer();
const progressive = await sharp(coffee).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer();
const gif = await sharp(coffee).gif().toBuffer();
const webp = await sharp(coffee).webp().toBuffer();
const half = (image: Buffer) => image.subarray(0, image.length / 2);
const middle = coffee.length >> 1;

describe('a photo is refused for good, with a reason', () => {
  const damaged = /incomplete or damaged/;
  const large = /too many pixels/;
  const none = /not a JPEG or PNG/;
  const rows: [string, Buffer, RegExp][] = [
    ['a JPEG that is cut off', half(coffee), damaged],
    ['a JPEG without its last bytes', coffee.subarray(0, -2), damaged],
    ['a progressive JPEG that is cut off', half(progressive), damaged],
    ['a JPEG with a hole', Buffer.from(coffee).fill(0xff, middle, middle + 2000), damaged],
    ['a JPEG without an image', coffee.subarray(0, 20), damaged],
    ['a PNG that is cut off', half(png), damaged],
    ['a PNG with one wrong bit', flipped(png), damaged],
    ['more pixels than are decoded', sized(coffee, 10_001, 10_000), large],
    ['a progressive JPEG that would take 486 MB', sized(progressive, 9_000, 9_000), large],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), none],
    ['a GIF', gif, none],
    ['a WebP', webp, none],
    ['nothing', Buffer.of(), none],
  ];
  for (const [what, image, reason] of rows) {
    it(what, async () => {
      await assert.rejects(rendered(image), (error: Error) => {
        assert.ok(error instanceof UnreadablePhoto);
        assert.match(error.message, reason);
        return true;
      });
    });
  }
});

function flipped(image: Buffer): Buffer {
  const copy = Buffer.from(image);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  return copy;
}

describe('what cameras write and a decoder only warns of is taken', () => {
  const scan = coffee.indexOf(Buffer.of(0xff, 0xda));
  const spectral = Buffer.from(coffee);
  // The end of the spectral selection, which some leave at 0.
  spectral[scan + 2 + coffee.readUInt16BE(scan + 2) - 2] = 0;
  const rows: [string, Buffer][] = [
    ['parameters that mean nothing', spectral],
    [
      'bytes between two parts',
      Buffer.concat([coffee.subarray(0, scan), Buffer.of(1, 2, 3), coffee.subarray(scan)]),
    ],
    ['bytes after the end', Buffer.concat([coffee, Buffer.alloc(1000, 7)])],
  ];
  for (const [what, image] of rows)
    it(what, async () => {
      const { width, height } = await rendered(image);
      assert.deepEqual([width, height], [600, 400]);
    });
});

it('photos are taken one at a time, and the next is not even read before its turn', async () => {
  const renderOne = createRenderer();
  const order: string[] = [];
  const first = renderOne(async () => {
    order.push('first read');
    return coffee;
  }).then(() => order.push('first done'));
  const refused = assert.rejects(
    renderOne(() => Promise.reject(new Error('gone'))),
    /gone/,
  );
  const last = renderOne(async () => {
    order.push('last read');
    return coffee;
  });
  await Promise.all([first, refused, last]);
  assert.deepEqual(order, ['first read', 'first done', 'last read']);
});
