import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import * as v from 'valibot';
import { openServiceWays } from '../../../test/support/service-ways.ts';
import { problemIn } from '../../../test/support/shapes.ts';

const { ways } = await openServiceWays({ after }, 'template');

for (const { way, call } of ways) {
  describe(`the template service over ${way}`, () => {
    const page = `page-${way.replaceAll(/\W/g, '-')}`;

    it('counts the hits of a page', async () => {
      for (const hits of [1, 2, 3]) {
        const { status, json } = await call('POST', `/hits/${page}`);
        assert.deepEqual([status, json], [200, { page, hits }]);
      }
      assert.deepEqual((await call('POST', `/hits/${page}.html`)).json, { page: `${page}.html`, hits: 1 });
    });

    it('loses none that come at once', async () => {
      const path = `/hits/${page}-at-once`;
      const answers = await Promise.all(Array.from({ length: 20 }, () => call('POST', path)));
      const hits = answers.map(({ json }) => v.parse(v.object({ hits: v.number() }), json).hits);
      assert.deepEqual(
        hits.toSorted((a, b) => a - b),
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
    });

    for (const name of ['a b', 'é', '%3F', 'x'.repeat(65), '']) {
      it(`refuses the page ${JSON.stringify(name.slice(0, 5))}`, async () => {
        const answer = await call('POST', `/hits/${encodeURIComponent(name)}`);
        if (name === '') problemIn(answer, 404);
        else assert.match(problemIn(answer, 422), /^page: /);
      });
    }

    it('says what a path answers, to any page', async () => {
      const answer = await call('GET', '/hits/home');
      problemIn(answer, 405);
      assert.equal(answer.headers.get('allow'), 'POST, OPTIONS');
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    });
  });
}
