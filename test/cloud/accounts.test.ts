/** Signing in at a pool as `--accounts` makes it: its tokens, with an e-mail address as user name, are what the server believes. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { Fn } from 'cloudform';
import { accountOutputs, accounts } from '../../templates/accounts.ts';
import { freePort } from '../support/free-port.ts';
import { openCloud, startServer } from '../support/service.ts';
import { createdIn, problemIn } from '../support/shapes.ts';
import { startKeysOf } from './issuer-front.ts';
import { credentials, region, startMinistack } from './ministack.ts';

const site = 'https://photos.example.org/';
const user = { name: 'ada+photos@example.org', password: 'Correct-horse-9' };
const body = { title: 't', body: 'b' };

/** The pool of templates/accounts.ts, without what else is in its stack. */
const template = {
  Parameters: { Stage: { Type: 'String' }, Domain: { Type: 'String' } },
  Conditions: { HasAccounts: Fn.Equals('true', 'true') },
  Resources: accounts(),
  Outputs: accountOutputs,
};

describe('a user pool on an emulated AWS', () => {
  let url: string;
  let pool: Record<string, string>;
  let call: Awaited<ReturnType<typeof startServer>>['call'];
  let tokens: Record<'id_token' | 'access_token', string>;
  const closers: (() => Promise<unknown> | void)[] = [];
  const scope = { after: (close: () => Promise<unknown> | void) => void closers.push(close) };

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postagram-accounts-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const ministack = await startMinistack(folder, await freePort(), {});
    closers.push(ministack.stop);
    ({ url } = ministack);
    pool = await makePool(url);
    const keys = await startKeysOf(scope, folder, ministack.url);
    const cloud = await openCloud(scope, { labels: false });
    ({ call } = await startServer(scope, {
      ...cloud.env,
      ...keys.env,
      IDENTITY: 'jwt',
      JWT_ISSUER: pool.JwtIssuer,
      JWT_AUDIENCE: pool.JwtAudience,
    }));
  });
  after(async () => {
    while (closers.length > 0) await closers.pop()?.();
  });

  it('has a page to sign in by, which leads back to the site alone, with a code that buys tokens', async () => {
    await cognito('SignUp', {
      ClientId: pool.JwtAudience,
      Username: user.name,
      Password: user.password,
      UserAttributes: [{ Name: 'email', Value: user.name }],
    });
    // As the code in Cognito's mail would.
    await cognito('AdminConfirmSignUp', {
      UserPoolId: pool.JwtIssuer?.split('/').at(-1),
      Username: user.name,
    });
    const verifier = randomBytes(32).toString('base64url');
    const asked = {
      client_id: pool.JwtAudience ?? '',
      redirect_uri: site,
      response_type: 'code',
      scope: 'openid',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    };
    const page = (changes: Record<string, string> = {}) =>
      fetch(`${url}/oauth2/authorize?${new URLSearchParams({ ...asked, ...changes })}`, {
        redirect: 'manual',
      });
    assert.equal((await page({ redirect_uri: 'https://evil.example/' })).status, 400);
    assert.equal((await page({ response_type: 'token' })).status, 400);
    assert.equal((await page()).status, 200);

    const signIn = new URLSearchParams({ ...asked, username: user.name, password: user.password });
    const login = await fetch(`${url}/login`, { method: 'POST', body: signIn, redirect: 'manual' });
    const back = new URL(login.headers.get('location') ?? '');
    assert.equal(back.origin + back.pathname, site);
    const exchange = async (code_verifier: string) =>
      fetch(`${url}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: asked.client_id,
          redirect_uri: site,
          code: back.searchParams.get('code') ?? '',
          code_verifier,
        }),
      });
    const answer = await exchange(verifier);
    assert.equal(answer.status, 200);
    // RFC 6749, 5.1, with OpenID Connect's ID token.
    tokens = (await answer.json()) as typeof tokens;
  });

  it('gives ID tokens that name the writer of a post', async () => {
    const post = createdIn(await call('POST', '/posts', { user: `Bearer ${tokens.id_token}`, body }));
    assert.equal(post.user, user.name);
  });

  it('gives access tokens, which name nobody to the server; nor does an ID token with another payload', async () => {
    problemIn(await call('POST', '/posts', { user: `Bearer ${tokens.access_token}`, body }), 401);
    const [head = '', claims = '', signature = ''] = tokens.id_token.split('.');
    const changed = Buffer.from(claims, 'base64url').toString().replaceAll(user.name, 'eve@example.org');
    const forged = `${head}.${Buffer.from(changed).toString('base64url')}.${signature}`;
    problemIn(await call('POST', '/posts', { user: `Bearer ${forged}`, body }), 401);
  });

  /** A call of Cognito's, by root. */
  async function cognito(action: string, input: object): Promise<void> {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20260101/${region}/cognito-idp/aws4_request, SignedHeaders=host, Signature=unchecked`,
        'x-amz-target': `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify(input),
    });
    assert.equal(response.status, 200, `${action}: ${await response.text()}`);
  }
});

/** @returns the outputs that the server is told of */
async function makePool(endpoint: string): Promise<Record<string, string>> {
  const client = new CloudFormationClient({ region, credentials, endpoint });
  const StackName = 'accounts';
  await client.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify(template),
      Parameters: Object.entries({ Stage: 'cloud', Domain: new URL(site).hostname }).map(
        ([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }),
      ),
    }),
  );
  await waitUntilStackCreateComplete({ client, maxWaitTime: 120 }, { StackName });
  const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
  client.destroy();
  return Object.fromEntries(
    (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}
