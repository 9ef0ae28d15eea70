import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { INPUT_PIXELS as DETECTOR_PIXELS, loadDetector } from './coco-ssd.ts';
import { INPUT_PIXELS as CLASSIFIER_PIXELS, loadClassifier } from './efficientnet/efficientnet-lite1.ts';
import { type Label, mergeLabels } from './merge.ts';
import { readSquares } from './photo.ts';

const require = createRequire(import.meta.url);

/**
 * Loads both networks and has them look once, so that the first photo is fast: COCO-SSD, which finds things of 80 classes and where
 * they are, and EfficientNet-Lite1, which says of a whole photo what of 1,000 classes it shows. Nothing is downloaded.
 * @returns what labels a photo, one at a time: all that either network says of it, however unsure
 */
export async function loadNetworks(): Promise<(image: Uint8Array) => Promise<Label[]>> {
  setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'wasm-out/'));
  await tf.setBackend('wasm');
  const detect = await loadDetector();
  const classify = await loadClassifier();
  return async (image) => {
    const { whole, middle } = await readSquares(image, { whole: DETECTOR_PIXELS, middle: CLASSIFIER_PIXELS });
    return mergeLabels(await detect(whole), await classify(middle));
  };
}
