import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { deletedIn } from '../support/shapes.ts';
import { imageOf, photo, put, shownAs, startWholeService } from '../support/whole-service.ts';

const credentials = {
  accessKeyId: 'ASIAPOSTAGRAM',
  secretAccessKey: 'a/secret+with=signs',
  sessionToken: 'IQoJb3JpZ2luX2VjEHcaCWV1LXdlc3QtMyJHMEUC+/w==',
};
const { aws, call, newPost, outcome, settled, sign, user } = await startWholeService(
  { after },
  { credentials },
);

it('everything works with the temporary credentials of a role, session token included', async () => {
  const post = await newPost();
  const chelsea = await photo('chelsea');
  const upload = await sign(post, { size: String(chelsea.length), filename: 'a b+c#é.jpg' });
  assert.equal(new URL(upload.uploadURL).searchParams.get('X-Amz-Security-Token'), credentials.sessionToken);
  assert.equal((await put(upload, chelsea)).status, 200);
  const { labels, image } = await outcome(post);
  assert.ok(labels?.includes('Cat'), `${labels}`);
  assert.deepEqual(await imageOf({ image }), await shownAs(chelsea));

  const stolen = new URL(upload.uploadURL);
  stolen.searchParams.delete('X-Amz-Security-Token');
  assert.equal((await put({ ...upload, uploadURL: stolen.href }, chelsea)).status, 403);

  await settled();
  deletedIn(await call('DELETE', post.path, { user }));
  assert.deepEqual(await aws.keys(), []);
});
