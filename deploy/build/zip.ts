import { zipSync } from 'fflate';

/** The first moment a zip can name, in the local time that it is written in: the same bytes in every time zone. */
const noTime = new Date(1980, 0, 1);

/**
 * A zip of these files: the same contents give the same bytes, because fflate is JavaScript alone and does not follow the
 * zlib of this machine's Node. Readable by everybody: Lambda unpacks with the modes that stand in the zip.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html
 */
export function zipOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const entries = Object.keys(files)
    .toSorted()
    .map((name) => [name, files[name] ?? new Uint8Array()] as const);
  return zipSync(Object.fromEntries(entries), {
    level: 9,
    mtime: noTime,
    // Unix, and in the upper half of the attributes a regular file of mode 644.
    os: 3,
    attrs: 0o100644 << 16,
  });
}
