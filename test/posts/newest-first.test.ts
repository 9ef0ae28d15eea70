import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type List, newestFirst } from '../../src/posts/newest-first.ts';

type Item = { id: string };
/** `saysLast`: whether its last page says that it is. */
type Source = { pages: string[][]; failsAt?: number; saysLast?: boolean };

/** Lists of pages, which note how far they were read and that they were closed. */
function sources(...given: Source[]) {
  const notes = given.map(() => ({ read: 0, closed: false }));
  const lists = given.map(async function* ({ pages, failsAt, saysLast = false }: Source, i): List<Item> {
    const note = notes[i];
    assert.ok(note);
    try {
      for (const [at, page] of pages.entries()) {
        if (at === failsAt) throw new Error(`list ${i} fails`);
        note.read += 1;
        yield { items: page.map((id) => ({ id })), last: saysLast && at === pages.length - 1 };
      }
    } finally {
      note.closed = true;
    }
  });
  return { lists, notes };
}

async function read(lists: List<Item>[], saysLast = false): Promise<string[]> {
  const ids: string[] = [];
  const lasts: boolean[] = [];
  for await (const { items, last } of newestFirst(lists)) {
    assert.ok(items.length > 0, 'no page is empty');
    ids.push(...items.map(({ id }) => id));
    lasts.push(last);
  }
  assert.ok(
    lasts.slice(0, -1).every((last) => !last),
    'only the last page may say that it is',
  );
  if (saysLast && ids.length > 0) assert.equal(lasts.at(-1), true);
  return ids;
}

describe('lists merged newest first', () => {
  const rows: [string, string[][][], string][] = [
    ['no list', [], ''],
    ['empty lists', [[], []], ''],
    ['one list', [[['c', 'b'], ['a']]], 'cba'],
    ['lists in turn', [[['e', 'c', 'a']], [['d', 'b']]], 'edcba'],
    ['one list after the other', [[['b', 'a']], [['d', 'c']]], 'dcba'],
    ['an empty page amid a list', [[['d'], [], ['b']], [['c', 'a']]], 'dcba'],
    [
      'pages that end in different places',
      [
        [['g', 'f', 'c'], ['b']],
        [['e'], ['d'], ['a']],
      ],
      'gfedcba',
    ],
    ['the newest is on the second page of a list', [[['z'], ['y', 'x']], [['c', 'b', 'a']]], 'zyxcba'],
    ['an empty list among others', [[], [['b']], [['c', 'a']], []], 'cba'],
  ];
  for (const [what, lists, merged] of rows) {
    it(what, async () => {
      for (const saysLast of [true, false]) {
        const made = sources(...lists.map((pages) => ({ pages, saysLast })));
        // A list without a page has none that could say so.
        const isSaid = saysLast && lists.every(({ length }) => length > 0);
        assert.equal((await read(made.lists, isSaid)).join(''), merged);
        assert.ok(made.notes.every(({ read: pages, closed }) => closed || pages === 0));
      }
    });
  }

  it('give all of many, once each', async () => {
    const ids = Array.from({ length: 2000 }, (_, i) => String(9_999 - i));
    const given: Source[] = [0, 1, 2, 3].map((shard) => {
      const mine = ids.filter((id) => (Number(id) * 7919) % 4 === shard);
      const pages: string[][] = [];
      for (let at = 0, size = 1; at < mine.length; at += size, size = (size % 13) + 1) {
        pages.push(mine.slice(at, at + size));
      }
      return { pages };
    });
    assert.deepEqual(await read(sources(...given).lists), ids);
  });

  it('are read one page ahead at the most', async () => {
    const { lists, notes } = sources({ pages: [['f'], ['e'], ['d']] }, { pages: [['c'], ['b'], ['a']] });
    const merged = newestFirst(lists);
    assert.deepEqual(await merged.next(), { done: false, value: { items: [{ id: 'f' }], last: false } });
    assert.deepEqual(
      notes.map(({ read: pages }) => pages),
      [1, 1],
    );
    await merged.return(undefined);
  });

  it('are all closed when the reader leaves early', async () => {
    const { lists, notes } = sources({ pages: [['d'], ['c']] }, { pages: [['b'], ['a']] });
    const merged = newestFirst(lists);
    await merged.next();
    await merged.return(undefined);
    assert.ok(notes.every(({ closed }) => closed));
  });

  it('are all closed when one fails, and the failure is told', async () => {
    const { lists, notes } = sources(
      { pages: [['f'], ['c']] },
      { pages: [['e'], ['b']], failsAt: 1 },
      { pages: [['d'], ['a']] },
    );
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const { items } of newestFirst(lists)) seen.push(...items.map(({ id }) => id));
    }, /list 1 fails/);
    // Nothing that lies behind the failure: it could be newer.
    assert.deepEqual(seen, ['f', 'e']);
    assert.ok(notes.every(({ closed }) => closed));
  });
});
