import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { type DemoPost, POSTS } from './photos.ts';

const JPEG = 'image/jpeg';

const Post = v.object({ id: v.string(), title: v.string(), status: v.string() });
const Created = v.object({ id: v.string() });
const Upload = v.object({ uploadURL: v.string(), headers: v.record(v.string(), v.string()) });

/**
 * Adds what is missing of the demo, as any client would: by the API, one photo after the other. Labels and renditions are made
 * as of every other photo. A post is known by its user and its title; one that is there without a photo gets it.
 * @param url of the server, which has to take plain names
 * @returns how many photos were sent
 * @throws Error with what the server answered, when it refuses
 */
export async function addDemo(url: string): Promise<number> {
  let sent = 0;
  for (const post of POSTS) {
    const there = v.parse(v.array(Post), await call(`${url}/posts?user=${post.user}`, post));
    const found = there.find(({ title }) => title === post.title);
    if (found && found.status !== 'none') continue;
    const { id } = found ?? (await create(url, post));
    await sendPhoto(url, post, id);
    sent += 1;
  }
  return sent;
}

async function create(url: string, post: DemoPost) {
  const { title, alt, text, by, licence } = post;
  const body = JSON.stringify({ title, alt, body: `${text}\nPhoto: ${by}, ${licence}` });
  return v.parse(Created, await call(`${url}/posts`, post, { method: 'POST', body }));
}

async function sendPhoto(url: string, post: DemoPost, id: string) {
  const photo = await readFile(post.photo);
  const filename = post.photo.pathname.replace(/^.*\//, '');
  const query = new URLSearchParams({
    filename,
    filetype: JPEG,
    postId: id.replace(/^POST#/, ''),
    size: String(photo.length),
  });
  const { uploadURL, headers } = v.parse(Upload, await call(`${url}/signedUrlPut?${query}`, post));
  await answered(await fetch(uploadURL, { method: 'PUT', headers, body: photo }), post);
}

async function call(url: string, post: DemoPost, init?: RequestInit): Promise<unknown> {
  const headers = { authorization: post.user, 'content-type': 'application/json' };
  return (await answered(await fetch(url, { headers, ...init }), post)).json();
}

async function answered(response: Response, { title }: DemoPost): Promise<Response> {
  if (response.ok) return response;
  throw new Error(`"${title}" was answered ${response.status}: ${await response.text()}`);
}
