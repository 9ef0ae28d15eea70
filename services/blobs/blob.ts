import * as v from 'valibot';

/** How far a blob is. `PROCESSED` is also one whose labelling failed. */
export const STATES = ['CREATED', 'UPLOADED', 'PROCESSED', 'PROCESSED_WITH_CALLBACK'] as const;
export type State = (typeof STATES)[number];

/**
 * A blob as the table has it. `upload` names the newest upload URL, and is part of its key in the bucket: what arrives
 * under an older one is no longer this blob's image.
 */
export const blobSchema = v.object({
  id: v.string(),
  upload: v.string(),
  blob_state: v.picklist(STATES),
  callback_url: v.optional(v.string()),
  /** Of the write of the image that the state is about; it orders the writes under one key. */
  sequencer: v.optional(v.string()),
  found_labels: v.optional(v.array(v.string())),
  label_error: v.optional(v.string()),
});
export type Blob = v.InferOutput<typeof blobSchema>;

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const KEY = new RegExp(`^blobs/(${UUID})/(${UUID})$`);
const ID = new RegExp(`^${UUID}$`);

export const isBlobId = (text: string): boolean => ID.test(text);

/** Where all images of a blob lie in the bucket. */
export const blobPrefix = (id: string): string => `blobs/${id}/`;

export const blobKey = ({ id, upload }: { id: string; upload: string }): string => blobPrefix(id) + upload;

/** @returns undefined for a key that is none of ours */
export function parseBlobKey(key: string): { id: string; upload: string } | undefined {
  const [, id, upload] = KEY.exec(key) ?? [];
  return id === undefined || upload === undefined ? undefined : { id, upload };
}
