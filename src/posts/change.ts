import * as v from 'valibot';
import { foldLabel, labelSchema } from './label-names.ts';
import { words } from './post.ts';

const MAX_LABELS = 20;

const labelsSchema = v.pipe(
  v.array(labelSchema, 'the labels must be a list of texts'),
  v.maxLength(MAX_LABELS, `there are at most ${MAX_LABELS} labels`),
  v.transform(distinct),
);

const FIELDS = ['title', 'body', 'alt', 'labels'] as const;

/** What a caller sends to change a post: one field at least. */
export const changeSchema = v.pipe(
  v.object(
    {
      title: v.exactOptional(words.title),
      body: v.exactOptional(words.body),
      alt: v.exactOptional(words.alt),
      labels: v.exactOptional(labelsSchema),
    },
    'must be a JSON object',
  ),
  v.check(
    (change) => FIELDS.some((name) => name in change),
    'is missing: one of title, body, alt and labels at least',
  ),
  v.metadata({ anyOf: FIELDS.map((name) => ({ required: [name] })) }),
);

export type Change = v.InferOutput<typeof changeSchema>;

/** Labels that differ in their case alone are one: the first stays as it is written. */
function distinct(labels: string[]): string[] {
  const names = labels.map(foldLabel);
  return labels.filter((_, at) => names.indexOf(names[at] ?? '') === at);
}
