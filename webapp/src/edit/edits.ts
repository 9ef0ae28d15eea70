import type { Post } from '../api.ts';

/** The words of a post that was changed, on a reading that may not have them yet. Labels belong to the photo that they are about. */
export function wordsOf({ title, body, alt, image, labels }: Post) {
  return (reading: Post): Post => ({
    ...reading,
    title,
    body,
    alt,
    ...(reading.labels && labels && pathOf(reading.image) === pathOf(image) && { labels }),
  });
}

/** A post whose photo was taken off, on a reading that may still have it. Another photo is left alone. */
export function photoOff(before: Post) {
  return (reading: Post): Post => {
    if (pathOf(reading.image) !== pathOf(before.image)) return reading;
    const { user, id, title, body, alt, createdAt } = reading;
    return { user, id, title, body, alt, createdAt, status: 'none' };
  };
}

/** Where the photo is: each reading signs its address anew. */
const pathOf = (image: string | undefined) => image && new URL(image).pathname;
