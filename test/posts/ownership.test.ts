import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rememberOwners } from '../../src/posts/ownership.ts';

/** A store that can be asked and changed, and a clock in ms. */
function setUp() {
  const state = { now: 1_000_000, asked: 0, posts: new Set(['Ann POST#1']) };
  const owners = rememberOwners(
    async (user, id) => {
      state.asked += 1;
      return state.posts.has(`${user} ${id}`);
    },
    () => state.now,
  );
  return { state, owners };
}

it('a post that was found is remembered for 5 s, and not longer', async () => {
  const { state, owners } = setUp();
  assert.equal(await owners.owns('Ann', 'POST#1'), true);
  state.posts.clear();
  state.now += 4_999;
  assert.equal(await owners.owns('Ann', 'POST#1'), true);
  assert.equal(state.asked, 1);
  state.now += 1;
  assert.equal(await owners.owns('Ann', 'POST#1'), false);
});

it('being asked does not make it remembered for longer', async () => {
  const { state, owners } = setUp();
  for (let i = 0; i < 6; i++) {
    assert.equal(await owners.owns('Ann', 'POST#1'), true);
    state.now += 1_000;
  }
  assert.equal(state.asked, 2);
});

it('a post that was not found is asked for again', async () => {
  const { state, owners } = setUp();
  assert.equal(await owners.owns('Ann', 'POST#2'), false);
  state.posts.add('Ann POST#2');
  assert.equal(await owners.owns('Ann', 'POST#2'), true);
});

it('another user is not the owner', async () => {
  const { owners } = setUp();
  assert.equal(await owners.owns('Ann', 'POST#1'), true);
  assert.equal(await owners.owns('Bob', 'POST#1'), false);
  assert.equal(await owners.owns('Ann POST#1', ''), false);
});

it('a post is forgotten when it is deleted', async () => {
  const { state, owners } = setUp();
  await owners.owns('Ann', 'POST#1');
  owners.forget('Ann', 'POST#1');
  state.posts.clear();
  assert.equal(await owners.owns('Ann', 'POST#1'), false);
});

it('however many posts are asked for, the answers stay right', async () => {
  const { state, owners } = setUp();
  for (let i = 0; i < 30_000; i++) {
    state.posts.add(`Bob POST#${i}`);
    assert.equal(await owners.owns('Bob', `POST#${i}`), true);
  }
  assert.equal(await owners.owns('Ann', 'POST#1'), true);
});
