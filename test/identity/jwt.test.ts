import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, beforeEach, describe, it } from 'node:test';
import { HttpError } from '../../src/http/call.ts';
import { createJwtIdentity } from '../../src/identity/jwt.ts';
import { makeKey, startIssuer } from '../support/issuer.ts';
import { attacksOn } from './attacks.ts';

const issuer = await startIssuer({ after });
const other = await startIssuer({ after });
const { key } = issuer;
/** Seconds since 1970, asked for each token: a slow machine must not make one older than it is meant to be. */
const now = () => Math.floor(Date.now() / 1000);
const token: typeof issuer.token = (...from) => issuer.token(...from);

let clock = 0;
let identity = open();

beforeEach(() => {
  Object.assign(issuer.state, { keys: [key], fetched: 0, answer: undefined });
  clock = 0;
  identity = open();
});

function open() {
  const options = { issuer: issuer.issuer, audience: ['another', 'the-app'], nameClaim: 'cognito:username' };
  return createJwtIdentity(options, () => clock);
}

const callerOf = async (authorization: string | undefined) => identity.callerOf({ authorization });

/** The status that a token is refused with. */
async function refused(authorization: string | undefined): Promise<number> {
  const error = await callerOf(authorization).then(
    () => assert.fail('was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof HttpError, String(error));
  return error.status;
}

describe('a good token', () => {
  for (const prefix of ['', 'Bearer ', 'bearer  ']) {
    it(`is accepted after "${prefix}"`, async () => {
      assert.deepEqual(await callerOf(prefix + token()), { name: 'ann', groups: [] });
    });
  }

  it('tells the groups', async () => {
    const { groups } = await callerOf(token({ 'cognito:groups': ['Admin', 'HotelManager'] }));
    assert.deepEqual(groups, ['Admin', 'HotelManager']);
  });

  it('names its user in one way, whatever the form of its accents', async () => {
    assert.equal((await callerOf(token({ 'cognito:username': 'Re\u0301mi' }))).name, 'R\u00e9mi');
  });

  it('may be one audience of several, and of a clock a little off', async () => {
    await callerOf(token({ aud: ['somebody', 'the-app'], iat: now() + 30, nbf: now() + 30 }));
    await callerOf(token({ exp: now() - 10 }));
  });
});

describe('is refused with 401:', () => {
  const attacks = attacksOn(issuer, other);
  for (const [what, attack] of Object.entries(attacks)) {
    it(what, async () => {
      const asked = other.state.fetched;
      await callerOf(token());
      assert.equal(await refused(attack()), 401);
      assert.equal(other.state.fetched, asked, 'no address out of a token is asked');
    });
  }
});

describe('the keys', () => {
  it('are fetched once, for all who come at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => callerOf(token())));
    await callerOf(token());
    assert.equal(issuer.state.fetched, 1);
  });

  it('are looked up again for a new kid, at most once a minute', async () => {
    await callerOf(token());
    const second = makeKey('second');
    clock = 59_000;
    issuer.state.keys = [key, second];
    for (let i = 0; i < 50; i++)
      assert.equal(await refused(token({}, makeKeyOf(second, `made-up-${i}`))), 401);
    assert.equal(issuer.state.fetched, 1);
    clock = 60_000;
    await callerOf(token({}, second));
    assert.equal(issuer.state.fetched, 2);
    await callerOf(token());
  });

  it('that are known stay known when the issuer cannot be reached', async () => {
    await callerOf(token());
    issuer.state.answer = (_request, response) => response.destroy();
    clock = 120_000;
    assert.equal(await refused(token({}, makeKeyOf(key, 'unknown'))), 401);
    assert.equal(issuer.state.fetched, 2);
    await callerOf(token());
  });

  const broken: Record<string, (response: ServerResponse) => void> = {
    'a cut connection': (response) => response.destroy(),
    'an error': (response) => response.writeHead(500).end(),
    'no answer': () => undefined,
    'a redirect': (response) =>
      response.writeHead(302, { location: `${other.issuer}/.well-known/jwks.json` }).end(),
    'no JSON': (response) => response.end('<html>'),
    'no JWKS': (response) => response.end('{"keys":{}}'),
    'too much': (response) => response.end(JSON.stringify({ keys: [key.jwk], more: 'x'.repeat(70_000) })),
  };
  for (const [what, answer] of Object.entries(broken)) {
    it(`that cannot be had (${what}) are no fault of the token: 503, and a second later another try`, async () => {
      issuer.state.answer = (_request, response) => answer(response);
      assert.equal(await refused(token()), 503);
      assert.equal(await refused(token()), 503);
      assert.equal(issuer.state.fetched, 1);
      issuer.state.answer = undefined;
      clock = 1_000;
      await callerOf(token());
    });
  }
});

/** The same key under another name. */
const makeKeyOf = (known: ReturnType<typeof makeKey>, kid: string) => ({ ...known, kid });
