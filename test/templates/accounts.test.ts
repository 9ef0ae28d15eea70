import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';

import { parameterSets } from './parameter-sets.ts';
import { userDataScript } from './user-data-script.ts';

const pool = parameterSets.server['accounts'] ?? {};

test('with accounts the server is told of the pool; without, its instances are what they were', () => {
  const without = userDataScript();
  ok(!/IDENTITY|JWT/.test(without));
  const environment = [
    '',
    'IDENTITY=jwt',
    `JWT_ISSUER=${pool['JwtIssuer']}`,
    `JWT_AUDIENCE=${pool['JwtAudience']}`,
    `JWT_SIGN_IN=${pool['JwtSignIn']}`,
  ].join('\n');
  const named = Object.fromEntries(Object.entries(pool).filter(([name]) => name.startsWith('Jwt')));
  const script = userDataScript(named);
  ok(script.includes(`${environment}\nENV\n`));
  equal(script.replace(environment, ''), without);
});
