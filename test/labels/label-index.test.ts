import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { gate, type Passing, type Verdict } from '../support/fault-proxy.ts';
import { startLabeledService } from '../support/labeled-service.ts';
import { postIn } from '../support/shapes.ts';

const service = await startLabeledService({ after });
const { aws, call, deliver, dynamo, handler, header, labelled, newPost, putPhoto, record, rekognition } =
  service;

/** A label of this test alone. */
let nth = 0;
const label = (name: string) => `${name} ${nth}`;

beforeEach(() => {
  nth++;
  dynamo.decide = () => 'pass';
  rekognition.answer = () => [label('Cat')];
});

async function labelledPost() {
  const post = await newPost();
  const key = await putPhoto(post);
  await deliver({ key, sequencer: '01' });
  return { ...post, key };
}
const edit = async (post: { path: string }, labels: string[]) =>
  postIn(await call('PATCH', post.path, { ...header, body: { labels } })).labels;

/** Holds back the nth request of this operation that the labeler sends, until the gate opens. */
function hold(wanted: string) {
  const [held, reached] = [gate(), gate()];
  let done = false;
  dynamo.decide = async ({ operation }: Passing): Promise<Verdict> => {
    if (operation !== wanted || done) return 'pass';
    done = true;
    reached.open();
    await held.opened;
    return 'pass';
  };
  return { reached: reached.opened, open: held.open };
}

describe('a post is found', () => {
  it('by its labels, whatever their case, once it has them', async () => {
    const post = await newPost();
    assert.deepEqual(await labelled(label('Cat')), []);
    await deliver({ key: await putPhoto(post) });
    for (const written of [label('Cat'), label('CAT'), label('cat')])
      assert.deepEqual(await labelled(written), [post.id]);
  });

  it('by what its author writes instead, and no longer by what was there', async () => {
    const post = await labelledPost();
    await edit(post, [label('Tabby'), label('Mouser')]);
    assert.deepEqual(await labelled(label('cat')), []);
    assert.deepEqual(await labelled(label('tabby')), [post.id]);
    await edit(post, [label('mouser')]);
    assert.deepEqual(await labelled(label('Tabby')), []);
    assert.deepEqual(await labelled(label('Mouser')), [post.id]);
    assert.equal(await entriesSince(post), 1);
    await edit(post, []);
    assert.equal(await entriesSince(post), 0);
  });

  it('by the labels of the photo that it shows', async () => {
    const post = await labelledPost();
    rekognition.answer = () => [label('Dog')];
    await deliver({ key: await putPhoto(post) });
    assert.deepEqual([await labelled(label('Cat')), await labelled(label('Dog'))], [[], [post.id]]);
    rekognition.answer = () => ({ status: 400, error: 'InvalidImageFormatException' });
    await deliver({ key: await putPhoto(post) });
    assert.deepEqual(await labelled(label('Dog')), []);
  });

  it('by none without its photo, or when it is gone; and nothing is left of it', async () => {
    const [bare, gone] = [await labelledPost(), await labelledPost()];
    const before = await aws.countEntries();
    await service.removePhoto(bare);
    await service.deletePost(gone);
    assert.deepEqual(await labelled(label('Cat')), []);
    assert.equal(await aws.countEntries(), before - 2);
  });
});

describe('an entry that is left over shows nothing', () => {
  it('of a post that has lost the label, or is gone behind its back', async () => {
    const post = await labelledPost();
    await aws.forget(service.user, post.id, 'labels');
    assert.deepEqual(await labelled(label('Cat')), []);
  });

  it('of a labeler that is stopped before it stores the labels, and the next try finds its way', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    dynamo.decide = ({ operation }) => (operation === 'UpdateItem' ? 'cut' : 'pass');
    await assert.rejects(deliver({ key }));
    assert.deepEqual(await labelled(label('Cat')), []);
    dynamo.decide = () => 'pass';
    await deliver({ key });
    assert.deepEqual(await labelled(label('Cat')), [post.id]);
  });

  it('nor is one left of a post that is deleted while its photo is labelled', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const before = await aws.countEntries();
    const held = hold('UpdateItem');
    const run = deliver({ key });
    await held.reached;
    assert.equal(await aws.countEntries(), before + 1);
    await service.deletePost(post);
    held.open();
    await run;
    assert.equal(await aws.countEntries(), before);
  });
});

describe('of two writers', () => {
  it('the one that is late takes no entry of the other, which has come to write the same label', async () => {
    const post = await labelledPost();
    await edit(post, [label('Tabby')]);
    rekognition.answer = () => [label('Dog')];
    // The labeler has stored another photo, and is about to delete the entry of what its author wrote.
    const held = hold('DeleteItem');
    const run = deliver({ key: await putPhoto(post) });
    await held.reached;
    assert.deepEqual(await edit(post, [label('Tabby')]), [label('Tabby')]);
    held.open();
    await run;
    assert.deepEqual(await labelled(label('Tabby')), [post.id]);
  });

  it('the one whose entries were written before the other stored does not write over what was stored', async () => {
    const post = await labelledPost();
    rekognition.answer = () => [label('Dog')];
    const held = hold('UpdateItem');
    const run = deliver({ key: await putPhoto(post) });
    await held.reached;
    await edit(post, [label('Tabby')]);
    held.open();
    await run;
    assert.deepEqual([await labelled(label('Dog')), await labelled(label('Tabby'))], [[post.id], []]);
    assert.equal(
      await aws.hasEntry(label('tabby'), post.id),
      false,
      'it has looked once more at what was there',
    );
  });

  it('all of many are found by what is there in the end', async () => {
    const post = await labelledPost();
    const event = { Records: [record({ key: post.key, sequencer: '01' })] };
    const names = ['A', 'B', 'C', 'D'].map(label);
    for (let round = 0; round < 4; round++) {
      await Promise.all([
        handler(event),
        ...names
          .slice(round)
          .map((name) => call('PATCH', post.path, { ...header, body: { labels: [name] } })),
      ]);
      const now = postIn(await call('GET', post.path)).labels ?? [];
      assert.equal(now.length, 1);
      for (const name of names)
        assert.deepEqual(await labelled(name), now.includes(name) ? [post.id] : [], name);
    }
  });
});

/** Entries of a post, by what the catalogue could lead to. */
async function entriesSince(post: { id: string }): Promise<number> {
  const names = ['Cat', 'Tabby', 'Mouser'].map(label);
  const found = await Promise.all(names.map((name) => aws.hasEntry(name.toLowerCase(), post.id)));
  return found.filter(Boolean).length;
}
