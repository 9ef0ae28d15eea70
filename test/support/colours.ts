import sharp from 'sharp';

/** So many values of red, green and blue: far enough apart that no WebP mixes two up. */
const STEPS = 6;
const STEP = 255 / (STEPS - 1);

/** Small photos, each of one colour, which says what it stands for: at most 216 texts at a time, the oldest then give way. */
export function createColours() {
  const texts: string[] = [];
  const pngs = new Map<string, Promise<Buffer>>();

  return {
    /** The photo of a text: a PNG. */
    of(text: string): Promise<Buffer> {
      const known = pngs.get(text);
      if (known) return known;
      const number = pngs.size % STEPS ** 3;
      texts[number] = text;
      const [r, g, b] = [0, 1, 2].map((at) => (Math.floor(number / STEPS ** at) % STEPS) * STEP);
      const made = sharp({
        create: { width: 8, height: 8, channels: 3, background: { r: r ?? 0, g: g ?? 0, b: b ?? 0 } },
      })
        .png()
        .toBuffer();
      pngs.set(text, made);
      return made;
    },

    /** The text of a photo, whatever its format. */
    async textOf(photo: Uint8Array): Promise<string | undefined> {
      const pixels = await sharp(photo).removeAlpha().raw().toBuffer();
      const number = [0, 1, 2].reduce(
        (sum, at) => sum + Math.round((pixels[at] ?? 0) / STEP) * STEPS ** at,
        0,
      );
      return texts[number];
    },
  };
}
