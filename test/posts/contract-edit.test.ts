// Needs nothing but HTTP: POSTAGRAM_URL=http://… checks a service that runs already.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { openService } from '../support/service.ts';
import { createdIn, deletedIn, postIn, postsIn, problemIn, uuidOf } from '../support/shapes.ts';

const { call } = await openService({ after });
const user = `user ${randomUUID()}`;
const other = `other ${randomUUID()}`;

async function newPost(draft: object = {}) {
  const body = { title: 'a title', body: 'a text', ...draft };
  const { $metadata: _, ...post } = createdIn(await call('POST', '/posts', { user, body }));
  return { post, path: `/posts/${uuidOf(post)}` };
}

const change = async (path: string, body: unknown) => postIn(await call('PATCH', path, { user, body }));
const mine = async () => postsIn(await call('GET', `/posts?user=${encodeURIComponent(user)}`));

describe('PATCH /posts/{id}', () => {
  it('changes what is sent and nothing else, and answers the whole post', async () => {
    const { post, path } = await newPost();
    const steps: [object, object][] = [
      [{ title: 'another title' }, { title: 'another title' }],
      [{ body: 'one\n\ttwo « Łódź » 🐈 日本語' }, { body: 'one\n\ttwo « Łódź » 🐈 日本語' }],
      [{ alt: '  a cat on a roof ' }, { alt: 'a cat on a roof' }],
      [
        { title: 't', body: 'b', alt: 'c' },
        { title: 't', body: 'b', alt: 'c' },
      ],
    ];
    let expected: object = post;
    for (const [sent, news] of steps) {
      expected = { ...expected, ...news };
      assert.deepEqual(await change(path, sent), expected);
      assert.deepEqual((await mine())[0], expected, 'one’s own list has it at once');
    }
    await eventually(async () => assert.deepEqual(postIn(await call('GET', path)), expected));
  });

  for (const alt of ['', ' \n\t ']) {
    it(`takes the description away when it is ${JSON.stringify(alt)}`, async () => {
      const { post, path } = await newPost();
      assert.equal((await change(path, { alt: 'a cat' })).alt, 'a cat');
      assert.deepEqual(await change(path, { alt }), post);
      assert.deepEqual(await change(path, { alt, title: 'now' }), { ...post, title: 'now' });
    });
  }

  it('finds a post by its uuid and by its POST# id, in either case', async () => {
    const { post } = await newPost();
    const uuid = uuidOf(post);
    for (const id of [uuid, `POST%23${uuid}`, uuid.toUpperCase(), `POST%23${uuid.toUpperCase()}`])
      assert.deepEqual(await change(`/posts/${id}`, { title: id }), { ...post, title: id });
  });

  it('ignores other fields', async () => {
    const { post, path } = await newPost();
    const sent = {
      title: 'now',
      user: 'else',
      id: 'x',
      status: 'labelled',
      key: 'k',
      image: 'i',
      label: ['Cat'],
    };
    assert.deepEqual(await change(path, sent), { ...post, title: 'now' });
  });

  const wrong: [string, unknown, RegExp][] = [
    ['nothing', {}, /^body: is missing: one of title, body, alt and labels/],
    ['nothing that is known', { text: 'a' }, /^body: is missing/],
    ['a list', [], /^body: /],
    ['null', null, /^body: must be a JSON object/],
    ['a word', 'title', /^body: must be a JSON object/],
    ['an empty title', { title: ' ' }, /^title: the title must not be empty/],
    ['a title of 301 characters', { title: 'é'.repeat(301) }, /^title: .*300 characters/],
    ['an empty text', { body: '' }, /^body: the text must not be empty/],
    ['a text that is null', { body: null }, /^body: the text must be a text/],
    ['a description that is null', { alt: null }, /^alt: the description must be a text/],
    ['a description of 1,001 characters', { alt: 'é'.repeat(1001) }, /^alt: .*1000 characters/],
    ['half a surrogate pair', { alt: 'a\ud83d' }, /^alt: .*well-formed/],
    ['labels that are a text', { labels: 'Cat' }, /^labels: the labels must be a list/],
    ['a label that is none', { labels: ['Cat', 3] }, /^labels\.1: a label must be a text/],
    ['a label that is empty', { labels: [' '] }, /^labels\.0: a label must not be empty/],
    ['a label of 51 characters', { labels: ['é'.repeat(51)] }, /^labels\.0: .*50 characters/],
    ['21 labels', { labels: Array.from({ length: 21 }, String) }, /^labels: there are at most 20 labels/],
    ['one good field beside a wrong one', { title: 'good', alt: 3 }, /^alt: /],
  ];
  for (const [what, body, detail] of wrong) {
    it(`answers 422 that says what is wrong: ${what}`, async () => {
      const { post, path } = await newPost();
      assert.match(problemIn(await call('PATCH', path, { user, body }), 422), detail);
      assert.deepEqual((await mine())[0], post);
    });
  }

  it('takes the longest of everything', async () => {
    const { path } = await newPost();
    const [title, alt] = ['é'.repeat(300), '🐈'.repeat(1000)];
    const body = 'x'.repeat(60_000);
    await change(path, { body });
    const post = await change(path, { title, alt });
    assert.deepEqual([post.title, post.alt, post.body], [title, alt, body]);
  });

  it('answers 409 for the labels of a photo that is not there, and changes nothing', async () => {
    const { post, path } = await newPost();
    const body = { labels: ['Cat'], title: 'now' };
    assert.match(problemIn(await call('PATCH', path, { user, body }), 409), /labels/);
    assert.deepEqual((await mine())[0], post);
  });

  it('answers 404 for a post that nobody has, and makes none', async () => {
    const before = await mine();
    for (const body of [{ title: 'a ghost' }, { labels: ['Ghost'] }, { alt: '' }])
      problemIn(await call('PATCH', `/posts/${randomUUID()}`, { user, body }), 404);
    assert.deepEqual(await mine(), before);
  });

  it("does not find another user's post, and leaves it alone", async () => {
    const { post, path } = await newPost();
    for (const body of [{ title: 'mine now' }, { labels: [] }])
      problemIn(await call('PATCH', path, { user: other, body }), 404);
    assert.deepEqual((await mine())[0], post);
    assert.deepEqual(postsIn(await call('GET', `/posts?user=${other}`)), []);
  });

  it('answers 404 once the post is deleted', async () => {
    const { post, path } = await newPost();
    deletedIn(await call('DELETE', path, { user }));
    problemIn(await call('PATCH', path, { user, body: { title: 'back' } }), 404);
    assert.ok(!(await mine()).some(({ id }) => id === post.id));
  });
});

describe('a description', () => {
  it('comes with a new post, without the spaces around it', async () => {
    assert.equal((await newPost({ alt: ' a cat ' })).post.alt, 'a cat');
    assert.equal((await mine())[0]?.alt, 'a cat');
  });

  it('is not there when it is empty', async () => {
    for (const draft of [{}, { alt: '' }, { alt: ' ' }])
      assert.ok(!('alt' in (await newPost(draft)).post), JSON.stringify(draft));
  });

  it('is refused in a new post as in a change', async () => {
    const body = { title: 't', body: 'b', alt: 'é'.repeat(1001) };
    assert.match(problemIn(await call('POST', '/posts', { user, body }), 422), /^alt: .*1000/);
  });
});

describe('DELETE /posts/{id}/image', () => {
  it('leaves a post without a photo as it is, and may be asked for again', async () => {
    const { post, path } = await newPost({ alt: 'a cat' });
    for (const id of [path, `/posts/POST%23${uuidOf(post)}`, path]) {
      const { $metadata, Attributes } = deletedIn(await call('DELETE', `${id}/image`, { user }));
      assert.ok($metadata.requestId);
      assert.deepEqual(Attributes, post);
      assert.deepEqual((await mine())[0], post);
    }
  });

  it('answers 404 for a post that nobody has, and makes none', async () => {
    const before = await mine();
    problemIn(await call('DELETE', `/posts/${randomUUID()}/image`, { user }), 404);
    assert.deepEqual(await mine(), before);
  });

  it("does not find another user's post", async () => {
    const { path } = await newPost();
    problemIn(await call('DELETE', `${path}/image`, { user: other }), 404);
  });

  it('answers 422 for what is no id', async () => {
    assert.match(problemIn(await call('DELETE', '/posts/1/image', { user }), 422), /id/);
  });
});
