import * as v from 'valibot';
import { atMost, textSchema } from './post.ts';

/** A label as it is written: what it is compared by is `foldLabel`. */
export const labelSchema = v.pipe(
  textSchema('a label'),
  ...atMost(50, 'a label'),
  v.trim(),
  v.normalize('NFC'),
);

/** What labels have in common that differ in their case or in their form alone: `Ｃup`, `CUP` and `cup` are one. */
export const foldLabel = (label: string): string => label.normalize('NFKC').toLowerCase().normalize('NFC');

/** Whether a post has a label, whatever its case. */
export const hasLabel = (labels: readonly string[] | undefined, label: string): boolean =>
  labels?.some((it) => foldLabel(it) === foldLabel(label)) ?? false;
