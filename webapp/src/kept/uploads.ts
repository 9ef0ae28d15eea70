import type { Post } from '../api.ts';
import { answer, type Database } from './database.ts';
import { checkBytes } from './room.ts';

/** The post that a photo is for, and what it said of its photo before. */
export type Target = Pick<Post, 'id' | 'user' | 'title' | 'status' | 'error'>;
/** A photo that is not in the bucket yet; its id is the post's. */
export type KeptUpload = { id: string; post: Target; blob: Blob };

export type KeptUploads = ReturnType<typeof createKeptUploads>;

/** The photos on their way that this browser keeps. Each function throws what `transact` does. */
export function createKeptUploads(database: Database) {
  return {
    read: (user: string): Promise<KeptUpload[]> =>
      database.transact('readonly', async (storeOf) => {
        const all = await answer<KeptUpload[]>(storeOf('uploads').getAll());
        return all.filter(({ post }) => post.user === user);
      }),

    /** @throws RoomError */
    save: (upload: KeptUpload): Promise<void> =>
      database.transact('readwrite', async (storeOf) => {
        await checkBytes(storeOf, upload.id, upload.blob);
        storeOf('uploads').put(upload);
      }),

    remove: (id: string): Promise<void> =>
      database.transact('readwrite', (storeOf) => void storeOf('uploads').delete(id)),
  };
}

/** Of a post, what is kept with its photo. */
export function keptUpload({ id, user, title, status, error }: Target, blob: Blob): KeptUpload {
  const post = {
    id,
    user,
    title,
    ...(status !== undefined && { status }),
    ...(error !== undefined && { error }),
  };
  return { id, post, blob };
}
