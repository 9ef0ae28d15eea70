import { Cognito, Fn, Refs } from 'cloudform';
import type { ResourceBase } from 'cloudform';

const site = Fn.Sub('https://${Domain}/', {});

/**
 * Where users sign in: a pool, the web app as its client (authorization code with PKCE, no secret), and Cognito's pages. The
 * pool has to know the site's address before the site is there, which is why it takes a domain.
 */
export function accounts(): Record<string, ResourceBase> {
  const resources = {
    UserPool: new Cognito.UserPool({
      // The name is what posts belong to: it cannot be changed, and Ada is ada.
      UsernameConfiguration: { CaseSensitive: false },
      AutoVerifiedAttributes: ['email'],
      Schema: [{ Name: 'email', AttributeDataType: 'String', Required: true, Mutable: true }],
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
      Policies: { PasswordPolicy: { MinimumLength: 10 } },
    }),
    UserPoolClient: new Cognito.UserPoolClient({
      UserPoolId: Fn.Ref('UserPool'),
      GenerateSecret: false,
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid'],
      SupportedIdentityProviders: ['COGNITO'],
      CallbackURLs: [site],
      LogoutURLs: [site],
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
      AccessTokenValidity: 60,
      IdTokenValidity: 60,
      RefreshTokenValidity: 30,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'days' },
    }),
    UserPoolDomain: new Cognito.UserPoolDomain({
      UserPoolId: Fn.Ref('UserPool'),
      Domain: Fn.Join('-', ['postagram', Fn.Ref('Stage'), Refs.AccountId]),
    }),
  };
  for (const resource of Object.values(resources)) resource.condition('HasAccounts');
  return resources;
}

/** What the server has to know of it, `none` without: an output is never empty, and a value that stays away is kept. */
export const accountOutputs = {
  JwtIssuer: {
    Description: 'Who signs the tokens of users',
    Value: orNone(Fn.Sub('https://cognito-idp.${AWS::Region}.amazonaws.com/${UserPool}', {})),
  },
  JwtAudience: {
    Description: 'The web app, as the issuer knows it',
    Value: orNone(Fn.Ref('UserPoolClient')),
  },
  JwtSignIn: {
    Description: 'Where users sign in',
    Value: orNone(Fn.Sub('https://${UserPoolDomain}.auth.${AWS::Region}.amazoncognito.com', {})),
  },
};

function orNone<V>(value: V) {
  return Fn.If('HasAccounts', value, 'none');
}
