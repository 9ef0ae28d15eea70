import { deepEqual, equal } from 'node:assert/strict';

import { at, change } from '../stacks.ts';
import { cloudFormation } from './point.ts';
import type { Point } from './point.ts';

const client = 'UserPoolClient.Properties';

/** Signing in, where it was asked for. */
export const accounts: Point[] = [
  {
    claim: 'Users are sent back to the site alone, at its https address',
    documentation:
      'https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-app-idp-settings.html',
    check: ({ serverless }) => {
      for (const list of ['CallbackURLs', 'LogoutURLs'])
        deepEqual(at(serverless, `${client}.${list}`), [{ 'Fn::Sub': ['https://${Domain}/', {}] }]);
    },
    spoil: ({ serverless }) => change(serverless, `${client}.CallbackURLs.0`, 'http://localhost/'),
  },
  {
    claim: 'Tokens are given for a code alone, never in an address, and the client has no secret to lose',
    documentation:
      'https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints-oauth-grants.html',
    check: ({ serverless }) => {
      deepEqual(at(serverless, `${client}.AllowedOAuthFlows`), ['code']);
      equal(at(serverless, `${client}.GenerateSecret`), false);
    },
    spoil: ({ serverless }) => change(serverless, `${client}.AllowedOAuthFlows`, ['code', 'implicit']),
  },
  {
    claim: 'The name that a post belongs to cannot be changed, and is nobody else’s in other letters',
    documentation: `${cloudFormation}/aws-properties-cognito-userpool-usernameconfiguration.html`,
    check: ({ serverless }) => {
      equal(at(serverless, 'UserPool.Properties.UsernameConfiguration.CaseSensitive'), false);
      equal(at(serverless, 'UserPool.Properties.AliasAttributes'), undefined);
    },
    spoil: ({ serverless }) =>
      change(serverless, 'UserPool.Properties.AliasAttributes', ['preferred_username']),
  },
  {
    claim: 'The issuer is the pool, as its tokens say it',
    documentation:
      'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html',
    check: ({ serverless }) =>
      deepEqual(serverless.Outputs['JwtIssuer'], {
        Description: 'Who signs the tokens of users',
        Value: {
          'Fn::If': [
            'HasAccounts',
            { 'Fn::Sub': ['https://cognito-idp.${AWS::Region}.amazonaws.com/${UserPool}', {}] },
            'none',
          ],
        },
      }),
    spoil: ({ serverless }) => {
      const issuer = serverless.Outputs['JwtIssuer'];
      if (issuer) Object.assign(issuer, { Value: 'https://cognito-idp.amazonaws.com/' });
    },
  },
];
