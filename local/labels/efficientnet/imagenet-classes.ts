import { readFileSync } from 'node:fs';

/** A class of which nothing is said. */
const UNSAID = '-';

/**
 * The label of each of ImageNet's 1,000 classes, in its order, named as Rekognition writes labels: several classes may have one label.
 * Undefined where nothing is said: of clothes and other things that belong to what somebody is, of apes, which a network sees in
 * faces, and of what is usually something else.
 */
export const imagenetClasses: readonly (string | undefined)[] = readFileSync(
  new URL('imagenet-classes.txt', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((label) => (label === UNSAID ? undefined : label));
