const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** UTF-16 units among which the beginning is looked for: a text may be long, and so may one grapheme. */
const LOOKED_AT = 4_000;

/** Of one who writes from right to left in the middle of something else: what follows would be turned, too. */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * The beginning of a text, on one line.
 * @param most characters (code points) that it has, the ellipsis of one that was cut among them
 */
export function excerpt(text: string, most: number): string {
  const line = text
    .slice(0, LOOKED_AT)
    .replace(DIRECTIONS, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const characters = [...line];
  if (characters.length <= most && text.length <= LOOKED_AT) return line;
  let cut = '';
  let length = 0;
  for (const { segment } of graphemes.segment(line)) {
    length += [...segment].length;
    if (length >= most) break;
    cut += segment;
  }
  // One that is longer than all that there may be.
  return `${(cut || characters.slice(0, most - 1).join('')).trimEnd()}…`;
}
