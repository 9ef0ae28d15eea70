import * as tf from '@tensorflow/tfjs-core';
import type { Square } from '../photo.ts';
import { readWeights } from './weights.ts';

/** The network was trained on squares of 240. */
export const INPUT_PIXELS = 240;
/** What it was trained with: bytes become -1..1. */
const [MEAN, SPREAD] = [127, 128];
/** Of its seven stages; the next one begins where the width of a block's output changes. */
const STRIDES = [1, 2, 2, 2, 1, 2, 1];

type Layer = { filter: tf.Tensor4D; bias: tf.Tensor1D };
/** An inverted bottleneck: wider (`expand`), a filter for each channel (`depthwise`), narrower again (`project`). */
type Block = { expand: Layer | undefined; depthwise: Layer; project: Layer; stride: number };

/**
 * Loads EfficientNet-Lite1 (NOTICE.md) and runs it once.
 * @returns the probabilities of ImageNet's 1,000 classes, in its order
 * @throws Error when the weights are missing or broken
 */
export async function loadClassifier(file = new URL('efficientnet-lite1.int8.bin', import.meta.url)) {
  const network = build(await readWeights(file));
  const classify = async (photo: Square): Promise<Float32Array> => {
    const probabilities = tf.tidy(() => run(network, photo));
    try {
      // Of a float32 tensor.
      return (await probabilities.data()) as Float32Array;
    } finally {
      probabilities.dispose();
    }
  };
  await classify({ side: INPUT_PIXELS, data: new Uint8Array(INPUT_PIXELS ** 2 * 3) });
  return classify;
}

function build(weights: Awaited<ReturnType<typeof readWeights>>) {
  const tensors = new Map(weights.map(({ name, shape, values }) => [name, tf.tensor(values, shape)]));
  const tensor = <Kind extends tf.Tensor>(name: string): Kind => {
    const found = tensors.get(name);
    if (!found) throw new Error(`The weights have no ${name}.`);
    // The file says the shape, and its hash that it is the right file.
    return found as Kind;
  };
  const layer = (name: string): Layer => ({ filter: tensor(name), bias: tensor(`${name}.b`) });

  const blocks: Block[] = [];
  let stage = -1;
  let width = 0;
  while (tensors.has(`${blocks.length}.d`)) {
    const name = `${blocks.length}`;
    const project = layer(`${name}.p`);
    const [, , , outputs] = project.filter.shape;
    if (outputs !== width) stage += 1;
    blocks.push({
      expand: tensors.has(`${name}.e`) ? layer(`${name}.e`) : undefined,
      depthwise: layer(`${name}.d`),
      project,
      stride: outputs === width ? 1 : (STRIDES[stage] ?? 1),
    });
    width = outputs;
  }
  return {
    stem: layer('stem'),
    blocks,
    head: layer('head'),
    classes: { weights: tensor<tf.Tensor2D>('fc'), bias: tensor<tf.Tensor1D>('fc.b') },
  };
}

function run({ stem, blocks, head, classes }: ReturnType<typeof build>, { side, data }: Square): tf.Tensor {
  const pixels = new Float32Array(data).map((byte) => (byte - MEAN) / SPREAD);
  let x = convolve(tf.tensor4d(pixels, [1, side, side, 3]), stem, 'relu6', 2);
  for (const { expand, depthwise, project, stride } of blocks) {
    const before = x;
    if (expand) x = convolve(x, expand, 'relu6');
    x = tf.fused.depthwiseConv2d({ x, ...depthwise, strides: stride, pad: 'same', activation: 'relu6' });
    x = convolve(x, project, 'linear');
    if (stride === 1 && before.shape[3] === x.shape[3]) x = tf.add(x, before);
  }
  const features = tf.mean<tf.Tensor2D>(convolve(x, head, 'relu6'), [1, 2]);
  return tf.softmax(tf.add(tf.matMul(features, classes.weights), classes.bias));
}

function convolve(x: tf.Tensor4D, layer: Layer, activation: 'relu6' | 'linear', strides = 1): tf.Tensor4D {
  return tf.fused.conv2d({ x, ...layer, strides, pad: 'same', activation });
}
