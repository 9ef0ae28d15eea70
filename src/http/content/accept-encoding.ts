/** How an answer may be compressed, the cheapest first: both make JSON about as small. docs/decisions/cheap-reads.md. */
const CODINGS = ['br', 'gzip'] as const;
export type Coding = (typeof CODINGS)[number];

/**
 * How to compress an answer to whoever sends this `Accept-Encoding` (RFC 9110, 12.5.3).
 * @returns the coding it wants most, undefined when it wants none, or says nothing
 */
export function codingFor(accepted: string | undefined): Coding | undefined {
  if (accepted === undefined || accepted === '') return undefined;
  const weights = new Map(accepted.toLowerCase().split(',').map(weighted));
  const others = weights.get('*') ?? 0;
  let best: Coding | undefined;
  // What is not named is welcome, and least so.
  let most = weights.get('identity') ?? 0;
  for (const coding of CODINGS) {
    const weight = weights.get(coding) ?? others;
    if (weight > 0 && (best === undefined ? weight >= most : weight > most)) [best, most] = [coding, weight];
  }
  return best;
}

/** `gzip;q=0.5` → `['gzip', 0.5]`; with a weight that is none, as if it were refused. */
function weighted(part: string): [name: string, weight: number] {
  const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
  const [, q] = parameters.map((parameter) => parameter.split('=')).find(([key]) => key === 'q') ?? [];
  if (q === undefined) return [name, 1];
  return [name, /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? Number(q) : 0];
}
