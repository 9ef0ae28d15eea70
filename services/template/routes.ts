import * as v from 'valibot';
import type { Routes } from '../../src/http/call.ts';
import { parseInput } from '../../src/http/validation.ts';
import type { createHitStore } from './hits.ts';

const pageSchema = v.pipe(
  v.string(),
  v.regex(/^[\w.-]{1,64}$/, 'a page has 1 to 64 letters, digits, dots, hyphens or underscores'),
);

/** The routes of the API. */
export function templateRoutes({ hits }: { hits: ReturnType<typeof createHitStore> }): Routes {
  return {
    'POST /hits/:page': async ({ params }) => {
      const page = parseInput(pageSchema, params.page, 'page');
      return { body: { page, hits: await hits.add(page) } };
    },
  };
}
