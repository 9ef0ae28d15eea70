import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { before, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { visit } from './chromium.ts';
import { photoFile, startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService();
});

test('a client on another origin posts, uploads, waits for labels and deletes as the original one does', async (t) => {
  // The original client is served by its own development server.
  const other = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!doctype html><link rel="icon" href="data:,">');
  }).listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { page, complaints } = await visit(t, site);
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  await page.goto(`http://localhost:${(other.address() as AddressInfo).port}/`);

  const photo = await readFile(photoFile('chelsea'), 'base64');
  const seen = await page.evaluate(
    async ([base, base64]) => {
      type Post = { id: string; user: string; image?: string; labels?: string[] };
      const authorization = 'Ada Lovelace';
      const json = { authorization, 'content-type': 'application/json' };
      const body = JSON.stringify({ title: 'A cat', body: 'Mine' });
      await fetch(`${base}/posts`, { method: 'POST', headers: json, body });
      const mine = async () => (await (await fetch(`${base}/posts?user=Ada%20Lovelace`)).json()) as Post[];
      const [fresh] = await mine();
      const uuid = fresh?.id.split('#')[1] ?? '';

      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const file = new File([bytes], 'my cat.jpg', { type: 'image/jpeg' });
      const query = new URLSearchParams({ filename: file.name, filetype: file.type, postId: uuid });
      const signed = await fetch(`${base}/signedUrlPut?${query}`, { headers: { authorization } });
      const { uploadURL } = (await signed.json()) as { uploadURL: string };
      const put = await fetch(uploadURL, {
        method: 'PUT',
        headers: { 'Content-Type': file.type },
        body: file,
      });

      let [labelled] = await mine();
      for (let tries = 0; !labelled?.labels && tries < 600; tries++) {
        await new Promise((wake) => setTimeout(wake, 100));
        [labelled] = await mine();
      }
      const image = await new Promise<number>((resolve) => {
        const element = new Image();
        element.addEventListener('load', () => resolve(element.naturalWidth));
        element.addEventListener('error', () => resolve(0));
        element.src = labelled?.image ?? '';
      });
      const everybody = (await (await fetch(`${base}/posts`)).json()) as Post[];
      const removed = await fetch(`${base}/posts/${uuid}`, { method: 'DELETE', headers: { authorization } });
      return {
        formShown: !fresh?.labels,
        put: put.status,
        isCat: labelled?.labels?.includes('Cat'),
        image,
        among: everybody.map(({ user }) => user),
        removed: removed.status,
        left: (await mine()).length,
      };
    },
    [site, photo] as const,
  );
  assert.deepEqual(seen, {
    formShown: true,
    put: 200,
    isCat: true,
    image: 451,
    among: ['Ada Lovelace'],
    removed: 200,
    left: 0,
  });
  assert.deepEqual(complaints, []);
});
