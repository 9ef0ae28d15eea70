import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type PostStatus, shardOf, type StoredPost } from './post.ts';

/** A post as DynamoDB keeps it. */
export type Item = Record<string, AttributeValue>;

/** The primary key of a post. The owner is part of it: another user's post is not found. */
export const itemKey = (user: string, id: string) => ({ user: { S: `USER#${user}` }, id: { S: id } });

/** The names of attributes in an expression, each by itself: some are reserved words. */
export const namesIn = (expression: string) =>
  Object.fromEntries(Array.from(expression.matchAll(/#(\w+)/g), ([whole, name = '']) => [whole, name]));

/** The item of a post without a photo. */
export function toItem(post: StoredPost): Item {
  return {
    ...itemKey(post.user, post.id),
    shard: { S: shardOf(post.id) },
    title: { S: post.title },
    body: { S: post.body },
    ...(post.alt && { alt: { S: post.alt } }),
    createdAt: { S: post.createdAt },
    status: { S: post.status },
  };
}

/** The post in an item. */
export function fromItem(item: Item): StoredPost {
  const post: StoredPost = {
    user: text(item.user).slice('USER#'.length),
    id: text(item.id),
    title: text(item.title),
    body: text(item.body),
    createdAt: text(item.createdAt),
    // Only toItem and the labeler write this attribute.
    status: (item.status?.S ?? 'none') as PostStatus,
  };
  if (item.alt?.S) post.alt = item.alt.S;
  if (item.key?.S) post.key = item.key.S;
  if (item.sequencer?.S) post.sequencer = item.sequencer.S;
  if (item.width?.N) post.width = Number(item.width.N);
  if (item.height?.N) post.height = Number(item.height.N);
  if (item.thumbhash?.S) post.thumbhash = item.thumbhash.S;
  const labels = post.status === 'labelled' && isEdited(item) ? item.editedLabels : item.labels;
  if (labels?.L) post.labels = labels.L.map(text);
  if (item.error?.S) post.error = item.error.S;
  return post;
}

/**
 * Whether the author wrote the labels of this very photo anew. What was written is kept beside the labeler's own, which may come
 * again, with the key and the sequencer of the photo that it is about: another photo has the labels that it is given.
 */
function isEdited(item: Item): boolean {
  const { editedLabels, editedKey, editedSequencer, key, sequencer } = item;
  return (
    editedLabels !== undefined && text(editedKey) === text(key) && text(editedSequencer) === text(sequencer)
  );
}

const text = (value: AttributeValue | undefined): string => value?.S ?? '';
