import type { Text } from './en.ts';

/** The sentences in which the server says why it refused a photo. */
const known: Readonly<Record<string, keyof Text['refusals']>> = {
  'The photo is not a JPEG or PNG image, or it is damaged.': 'format',
  'The photo is not a JPEG or PNG image.': 'type',
  'The photo is incomplete or damaged.': 'damaged',
  'The photo has too many pixels or bytes.': 'pixels',
  'The photo cannot be analysed: it may be too small.': 'small',
  'The photo is larger than 15 MB.': 'bytes',
};

/** Why a photo was refused, in the reader's language where the reason is a known one. @param error a post's `error` */
export function explainRefusal(error: string, text: Text): string {
  const reason = known[error];
  return reason === undefined ? error : text.refusals[reason];
}
