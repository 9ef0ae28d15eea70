import type { Box, Detection } from './coco-ssd.ts';
import { imagenetClasses } from './efficientnet/imagenet-classes.ts';
import { parentsOf } from './parents.ts';

/** `confidence` in percent; `instances` are where it is, the surest first, as far as that is known. */
export type Label = { name: string; confidence: number; parents: string[]; instances: Instance[] };
export type Instance = { box: Box; confidence: number };

/** What two classes share of a photo goes to the larger: without this a sure answer is spread over all that looks a little like it. */
const SHARPNESS = 1 / 0.7;
/**
 * Where three labels of four are right, which is said as 75 % (docs/decisions/labels-on-a-laptop.md): a label's share of the photo
 * for the one network, what the other calls a probability.
 */
const SHARE_OF_75 = 0.6;
const SCORE_OF_75 = 0.85;

/**
 * What both networks say of a photo as one list: each label once, with the higher confidence, and all its parents, each at
 * least as sure as its child. The surest first; of two as sure, the one that says more.
 * @param probabilities of ImageNet's classes, together 1
 */
export function mergeLabels(detections: readonly Detection[], probabilities: Float32Array): Label[] {
  const confidences = new Map<string, number>();
  const raise = (name: string, confidence: number) =>
    confidences.set(name, Math.max(confidence, confidences.get(name) ?? 0));
  for (const [name, share] of shares(probabilities)) raise(name, percent(share, SHARE_OF_75));

  const instances = new Map<string, Instance[]>();
  for (const { name, score, box } of detections) {
    const confidence = percent(score, SCORE_OF_75);
    for (const label of [name, ...parentsOf(name)]) raise(label, confidence);
    instances.set(name, [...(instances.get(name) ?? []), { box, confidence }]);
  }
  return [...confidences]
    .map(([name, confidence]) => ({
      name,
      confidence,
      parents: parentsOf(name),
      instances: instances.get(name) ?? [],
    }))
    .toSorted((a, b) => b.confidence - a.confidence || b.parents.length - a.parents.length);
}

/** What each label has of a photo, 0..1: all its classes together, so that a cat of a kind that is hard to tell is a cat for sure. */
function shares(probabilities: Float32Array): Map<string, number> {
  const sharpened = probabilities.map((probability) => probability ** SHARPNESS);
  const sum = sharpened.reduce((total, value) => total + value, 0);
  const found = new Map<string, number>();
  for (const [at, name] of imagenetClasses.entries()) {
    if (name === undefined) continue;
    for (const label of [name, ...parentsOf(name)])
      found.set(label, (found.get(label) ?? 0) + (sharpened[at] ?? 0) / sum);
  }
  return found;
}

/** Two straight lines: from 0 to `of75`, and on to 1, which is 100 %. */
function percent(value: number, of75: number): number {
  if (value < of75) return (75 * value) / of75;
  // Shares that were added up may come out a little above 1.
  return Math.min(100, 75 + (25 * (value - of75)) / (1 - of75));
}
