import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { startCloud } from '../../local/cloud.ts';
import { createRenderer } from '../../src/renditions/render.ts';
import { viewAws } from './aws-view.ts';
import { eventually } from './eventually.ts';
import { importLabeler } from './labeler.ts';
import { openCloud, type Scope, startServer } from './service.ts';
import { createdIn, postsIn, uploadIn, uuidOf } from './shapes.ts';

/** One of the photos in test/photos. */
export const photo = (name: string) => readFile(new URL(`../photos/${name}.jpg`, import.meta.url));

/** Server, table, bucket, events, the labeler's handler and a label service that looks at the photos. */
export async function startWholeService(scope: Scope, options: Parameters<typeof startCloud>[0] = {}) {
  const cloud = await openCloud(scope, options);
  const { call } = await startServer(scope, cloud.env);
  Object.assign(process.env, cloud.env);
  const handler = await importLabeler();
  cloud.onObjectCreated(handler);
  const user = 'Zoë';

  async function shown({ id }: { id: string }) {
    const posts = postsIn(await call('GET', `/posts?user=${encodeURIComponent(user)}`));
    const post = posts.find((found) => found.id === id);
    assert.ok(post);
    return post;
  }

  return {
    cloud,
    handler,
    call,
    user,
    shown,
    aws: viewAws(cloud.env),

    async newPost() {
      const body = { title: 'A photo', body: 'of mine' };
      const post = createdIn(await call('POST', '/posts', { user, body }));
      const uuid = uuidOf(post);
      return { id: post.id, path: `/posts/${uuid}`, prefix: `${user}/${uuid}/` };
    },

    /** Asks where to upload to. */
    async sign({ id }: { id: string }, query: Record<string, string> = {}) {
      const asked = { filename: 'cat.jpg', filetype: 'image/jpeg', postId: id, ...query };
      return uploadIn(await call('GET', `/signedUrlPut?${new URLSearchParams(asked)}`, { user }));
    },

    /** Waits until a photo is labelled or refused. */
    outcome: (post: { id: string }) =>
      eventually(async () => {
        const found = await shown(post);
        assert.notEqual(found.status, 'none');
        return found;
      }),

    /** Waits until no event is under way. */
    settled: () => eventually(() => assert.equal(cloud.pendingEvents(), 0)),
  };
}

/** What a client does with the answer of /signedUrlPut. */
export async function put(
  { uploadURL, headers }: { uploadURL: string; headers: Record<string, string> },
  body: Uint8Array | string,
): Promise<{ status: number; text: string }> {
  const response = await fetch(uploadURL, { method: 'PUT', headers, body });
  return { status: response.status, text: await response.text() };
}

/** What a photo is shown as: its largest rendition. */
export async function shownAs(original: Uint8Array): Promise<Buffer> {
  const { renditions } = await createRenderer()(async () => original);
  return renditions.at(-1)?.bytes ?? assert.fail();
}

/** Reads the photo of a post by its `image`. */
export async function imageOf({ image }: { image?: string | undefined }): Promise<Buffer> {
  assert.ok(image);
  const response = await fetch(image);
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}
