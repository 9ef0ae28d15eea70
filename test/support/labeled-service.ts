import assert from 'node:assert/strict';
import { v7 as uuidv7 } from 'uuid';
import { viewAws } from './aws-view.ts';
import { createColours } from './colours.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { importLabeler } from './labeler.ts';
import { startRekognition } from './rekognition.ts';
import { openCloud, type Scope, startServer } from './service.ts';
import { createdIn, postsIn, uuidOf } from './shapes.ts';

type Photo = {
  key: string;
  /** undefined, when given: of an event of a bucket that keeps no versions */
  version?: string | undefined;
  size?: number;
  sequencer?: string;
  eventName?: string;
};

/** A record of an S3 event; its key is encoded as a form does it. */
function recordOf({ key, version, size = 1000, sequencer = '0055AED6DCD90281E5', eventName }: Photo) {
  const encoded = key.split('/').map((part) => encodeURIComponent(part).replaceAll('%20', '+'));
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: eventName ?? 'ObjectCreated:Put',
    s3: {
      bucket: { name: 'postagram-local' },
      object: { key: encoded.join('/'), size, versionId: version, sequencer },
    },
  };
}

/**
 * The service, the labeler's own handler, and a Rekognition that says what the test tells it to. Events are the test's:
 * those of the local bucket reach nobody.
 */
export async function startLabeledService(scope: Scope) {
  const { env } = await openCloud(scope, { labels: false });
  const rekognition = await startRekognition(scope);
  const s3 = await startFaultProxy(scope, env.AWS_ENDPOINT_URL_S3 ?? '');
  const dynamo = await startFaultProxy(scope, env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
  const { call } = await startServer(scope, env);
  Object.assign(process.env, env, {
    AWS_ENDPOINT_URL_REKOGNITION: rekognition.url,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
  });
  const handler = await importLabeler();
  const aws = viewAws(env);
  const user = 'Zoë Müller';
  const colours = createColours();
  const newest = new Map<string, string | undefined>();
  let limit = 100;

  /** Writes a photo that can be told from others, or one more over it. @returns its version */
  async function write(key: string, text = 'a photo', headers = {}): Promise<string> {
    const { VersionId } = await aws.put(key, await colours.of(text), headers);
    assert.ok(VersionId);
    newest.set(key, VersionId);
    return VersionId;
  }

  /** As S3 would tell of what was last written under the key, unless another version is given. */
  const record = (photo: Photo) => recordOf({ version: newest.get(photo.key), ...photo });
  const header = { user: Buffer.from(user).toString('latin1') };

  return {
    aws,
    colours,
    call,
    env,
    /** Who calls, for `call`. */
    header,
    dynamo,
    handler,
    rekognition,
    s3,
    user,
    record,
    write,

    /** A new post and its prefix in the bucket. */
    async newPost() {
      const body = { title: 't', body: 'b' };
      const { id } = createdIn(await call('POST', '/posts', { ...header, body }));
      const uuid = uuidOf({ id });
      return { id, path: `/posts/${uuid}`, prefix: `${user}/${uuid}/` };
    },

    /** Puts a photo, whose key is larger than those before. @returns its key */
    async putPhoto({ prefix }: { prefix: string }, name = 'a cat+dog é.jpg'): Promise<string> {
      const key = `${prefix}${uuidv7()}${name}`;
      await write(key);
      return key;
    },

    deletePost: ({ path }: { path: string }) => call('DELETE', path, header),

    removePhoto: ({ path }: { path: string }) => call('DELETE', `${path}/image`, header),

    /** Ids of the newest posts that are found by a label now, the newest first. */
    async labelled(label: string): Promise<string[]> {
      // Who asks for another limit is given no shared answer of a moment ago.
      limit = limit > 50 ? limit - 1 : 100;
      const query = new URLSearchParams({ label, limit: String(limit) });
      return postsIn(await call('GET', `/posts?${query}`)).map(({ id }) => id);
    },

    /** Sends records as one event. */
    deliver: (...photos: Photo[]) => handler({ Records: photos.map(record) }),

    /** What the API shows of a post. */
    async shown({ id }: { id: string }) {
      const posts = postsIn(await call('GET', `/posts?user=${encodeURIComponent(user)}`));
      const post = posts.find((found) => found.id === id);
      assert.ok(post);
      const { labels, status, error, image } = post;
      // user / post / uuid of the photo / write of it / width
      const shownOf =
        image === undefined ? [] : decodeURIComponent(new URL(image).pathname).split('/').slice(2, 5);
      const photo = image && [...newest.keys()].find((key) => key.startsWith(shownOf.join('/')));
      return { labels, status, error, photo };
    },

    /** What a reader is given at the URL that the API shows; `text` says which photo it is. */
    async read({ id }: { id: string }) {
      const posts = postsIn(await call('GET', `/posts?user=${encodeURIComponent(user)}`));
      const response = await fetch(posts.find((found) => found.id === id)?.image ?? '');
      const text = response.ok ? await colours.textOf(Buffer.from(await response.arrayBuffer())) : undefined;
      return { status: response.status, headers: response.headers, text };
    },
  };
}
