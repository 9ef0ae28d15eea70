import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { startCloud } from '../../local/cloud.ts';
import { relabelMissing } from '../../local/missing.ts';
import { viewAws } from '../support/aws-view.ts';
import { postsIn } from '../support/shapes.ts';
import { imageOf, photo, put, shownAs, startWholeService } from '../support/whole-service.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'postagram-test-'));
after(() => rm(dataDir, { recursive: true, force: true }));
const [chelsea, coffee] = [await photo('chelsea'), await photo('coffee')];
const user = 'Zoë';
const labelled = '0190f0f0-0000-7000-8000-000000000001';
const waiting = '0190f0f0-0000-7000-8000-000000000002';
const keyOf = (post: string) => `${user}/${post}/0190f0f0-1111-7111-8111-111111111111cat.jpg`;
const sequencers = { [labelled]: '0019A5C3D2E1F00000', [waiting]: '0019A5C3D2E1F00001' };

// What was on disk before the bucket kept versions: an object, a file named by its key; an event without a version.
for (const folder of ['objects', 'events']) await mkdir(join(dataDir, 's3', folder), { recursive: true });
for (const [post, sequencer] of Object.entries(sequencers)) {
  const key = keyOf(post);
  const info = Buffer.from(
    JSON.stringify({
      key,
      size: chelsea.length,
      etag: createHash('md5').update(chelsea).digest('hex'),
      sequencer,
      modified: '2026-11-01T00:00:00.000Z',
      headers: { 'content-type': 'image/jpeg' },
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(info.length);
  const file = join(dataDir, 's3/objects', createHash('sha256').update(key).digest('hex'));
  await writeFile(file, Buffer.concat([chelsea, info, length, Buffer.from('POSTAGRAM-OBJECT')]));
}
const object = { key: encodeURI(keyOf(waiting)), size: chelsea.length, sequencer: sequencers[waiting] };
const event = {
  Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'postagram-local' }, object } }],
};
await writeFile(join(dataDir, 's3/events', `${object.sequencer}.json`), JSON.stringify(event));

const base = { title: 't', body: 'b', createdAt: '2026-11-01T00:00:00.000Z' };
const cloud = await startCloud({ dataDir, labels: false });
await viewAws(cloud.env).putPost(user, waiting, { ...base, status: 'none' });
await viewAws(cloud.env).putPost(user, labelled, {
  ...base,
  status: 'labelled',
  key: keyOf(labelled),
  sequencer: sequencers[labelled].padEnd(64, '0'),
  labels: ['Cat'],
});
await cloud.close();

it('data of before versions were kept, and before there were renditions: photos are shown, labelled, replaced and deleted', async () => {
  const service = await startWholeService({ after }, { dataDir });
  const { aws, call, settled, sign } = service;
  const shown = async (post: string) => {
    const posts = postsIn(await call('GET', `/posts?user=${encodeURIComponent(user)}`));
    return posts.find(({ id }) => id === `POST#${post}`) ?? assert.fail();
  };
  // An original is shown to nobody.
  const { image, labels } = await shown(labelled);
  assert.deepEqual([image, labels], [undefined, ['Cat']]);
  await relabelMissing(service.cloud.env, service.handler);
  assert.deepEqual(await imageOf(await shown(labelled)), await shownAs(chelsea));
  assert.deepEqual((await shown(labelled)).labels, ['Cat']);

  await settled();
  assert.ok((await shown(waiting)).labels?.includes('Cat'));
  assert.deepEqual(await imageOf(await shown(waiting)), await shownAs(chelsea));

  const upload = await sign({ id: `POST#${waiting}` });
  await put(upload, coffee);
  await settled();
  assert.deepEqual(await imageOf(await shown(waiting)), await shownAs(coffee));
  assert.deepEqual(await aws.keys(`${user}/${waiting}/`), [upload.objectName]);

  for (const post of [labelled, waiting])
    assert.equal((await call('DELETE', `/posts/${post}`, { user })).status, 200);
  assert.deepEqual([await aws.keys(), await aws.renditions()], [[], []]);
});
