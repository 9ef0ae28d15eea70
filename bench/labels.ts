/**
 * What the local label service says of photos, and what it takes: the networks in their thread, one photo after the other.
 *
 *     npx tsx bench/labels.ts                  the photos of the tests and the demo
 *     npx tsx bench/labels.ts photos/*.jpg     these; JPEG or PNG
 *
 * Prints the labels of each photo that are at least 55 % sure, then the milliseconds a photo took, once both networks were loaded,
 * and the MiB of resident memory of this process at the most.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDetectorThread } from '../local/labels/detector-thread.ts';
import { root } from './bundle.ts';
import { median } from './measure.ts';

const MIN_CONFIDENCE = 55;

const given = process.argv.slice(2);
const photos = given.length > 0 ? given : await photosIn('test/photos', 'local/demo/photos');
// The thread alone does not keep the process alive.
const alive = setInterval(() => undefined, 60_000);
const networks = startDetectorThread((line, error) => console.error(line, error));
const began = performance.now();
await networks.detect(() => readFile(photos[0] ?? ''));
const firstMs = performance.now() - began;

const times: number[] = [];
for (const photo of photos) {
  const bytes = await readFile(photo);
  const start = performance.now();
  const labels = await networks.detect(async () => bytes);
  times.push(performance.now() - start);
  const sure = labels.filter(({ confidence }) => confidence >= MIN_CONFIDENCE);
  console.log(
    `${photo}: ${sure.map(({ name, confidence }) => `${name} ${Math.floor(confidence)}`).join(', ')}`,
  );
}
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
const [middle, most] = [median(times), Math.max(...times)].map(Math.round);
console.log(
  `${photos.length} photos: ${middle} ms in the middle, ${most} ms at the most, the first with loading ${Math.round(firstMs)} ms; ${peakMiB} MiB`,
);
clearInterval(alive);
await networks.close();

async function photosIn(...folders: string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => (await readdir(join(root, folder))).map((name) => join(folder, name))),
  );
  return found.flat().filter((name) => name.endsWith('.jpg'));
}
