import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Of the file that is here: what a broken copy of it is told by. */
const SHA_256 = '09f48bea90f7790ec9976da87508992240f23dc02440f8b98fa66509e748aaa7';

/** A name, a shape, how its numbers are written, and where: bytes after the header. */
type Entry = [name: string, shape: number[], kind: 'f32' | 'i8', offset: number, length: number];
export type Weight = { name: string; shape: number[]; values: Float32Array };

/**
 * Reads the weights: 4 bytes with the length of a header, that header as JSON, and the numbers. Those in 8 bits have a scale for
 * each output channel before them.
 * @throws Error that names the file when it is not the one that was committed
 */
export async function readWeights(file: URL): Promise<Weight[]> {
  const bytes = await readFile(file);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== SHA_256)
    throw new Error(`${fileURLToPath(file)} is broken: its SHA-256 is ${found} and should be ${SHA_256}.`);
  const start = 4 + bytes.readUInt32LE(0);
  // What has this hash has this shape.
  const entries = JSON.parse(bytes.toString('utf8', 4, start)) as Entry[];
  return entries.map(([name, shape, kind, offset, length]) => {
    // A copy, since numbers of 32 bits begin at a multiple of four.
    const buffer = new ArrayBuffer(length);
    new Uint8Array(buffer).set(bytes.subarray(start + offset, start + offset + length));
    const count = shape.reduce((product, side) => product * side, 1);
    return {
      name,
      shape,
      values: kind === 'f32' ? new Float32Array(buffer, 0, count) : scaled(buffer, shape, count),
    };
  });
}

/** The output channel is the last dimension, or, where each channel has a filter of its own, the one before. */
function scaled(buffer: ArrayBuffer, shape: number[], count: number): Float32Array {
  const channels = (shape.length === 4 && shape[3] === 1 ? shape[2] : shape.at(-1)) ?? 1;
  const scales = new Float32Array(buffer, 0, channels);
  const small = new Int8Array(buffer, channels * 4, count);
  // Not `Float32Array.from`, which makes a list of five million numbers first.
  return new Float32Array(small).map((value, at) => value * (scales[at % channels] ?? 0));
}
