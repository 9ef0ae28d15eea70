import type { Text } from '../i18n/en.ts';

/** Characters; the server takes a little more of the first two. */
export const TITLE_LIMIT = 120;
export const BODY_LIMIT = 2000;
export const ALT_LIMIT = 1000;
/** Of one label, and how many a post has. */
const LABEL_LIMIT = 50;
const MOST_LABELS = 20;

/** Checks of what was typed: each gives `true`, or what is wrong in the reader's words. */
export const atMost = (limit: number, text: Text) => (value: string) =>
  [...value].length <= limit || text.compose.errors.long(limit);

export const written = (empty: string, limit: number, text: Text) => (value: string) =>
  value.trim() === '' ? empty : atMost(limit, text)(value);

export const fewLabels = (text: Text) => (value: string) => {
  const labels = labelsIn(value);
  if (labels.length > MOST_LABELS) return text.edit.errors.labelsMany(MOST_LABELS);
  return labels.every((label) => [...label].length <= LABEL_LIMIT) || text.edit.errors.labelLong(LABEL_LIMIT);
};

/** The labels in a text that separates them by commas. */
export const labelsIn = (value: string): string[] =>
  value
    .split(/[,、，]/)
    .map((label) => label.trim())
    .filter((label) => label !== '');
