import type { Text } from '../i18n/en.ts';

/** Characters; the server takes a little more of the first two. */
export const TITLE_LIMIT = 120;
export const BODY_LIMIT = 2000;
export const ALT_LIMIT = 1000;
/** Of one label, and how many a post has. */
const LABEL_LIMIT = 50;
const MOST_LABELS = 20;

/** Checks of what was typed: each gives what is wrong, in the reader's words. */
export const atMost = (value: string, limit: number, text: Text) =>
  [...value].length <= limit ? undefined : text.compose.errors.long(limit);

export const written = (value: string, empty: string, limit: number, text: Text) =>
  value.trim() === '' ? empty : atMost(value, limit, text);

export const fewLabels = (value: string, text: Text) => {
  const labels = labelsIn(value);
  if (labels.length > MOST_LABELS) return text.edit.errors.labelsMany(MOST_LABELS);
  const isLong = labels.some((label) => [...label].length > LABEL_LIMIT);
  return isLong ? text.edit.errors.labelLong(LABEL_LIMIT) : undefined;
};

/** The labels in a text that separates them by commas. */
export const labelsIn = (value: string): string[] =>
  value
    .split(/[,、，]/)
    .map((label) => label.trim())
    .filter((label) => label !== '');
