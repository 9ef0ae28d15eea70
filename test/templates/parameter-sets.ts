type Values = Record<string, string>;

const always: Values = { Stage: 'test', CorsOrigins: '*' };
const alarms: Values = { AlarmEmail: 'nobody@example.org' };
const code: Values = {
  ArtifactsBucket: 'postagram-artifacts-test-123456789012-eu-west-1',
  LabelerCodeKey: `functions/${'b'.repeat(64)}.zip`,
};

const boundary: Values = { PermissionsBoundary: 'arn:aws:iam::123456789012:policy/limit' };
const role: Values = { RoleArn: 'arn:aws:iam::123456789012:role/LabRole' };

const fed: Values = {
  ...always,
  Bucket: 'postagram-images-test-123456789012-eu-west-1',
  Renditions: 'postagram-rendered-test-123456789012-eu-west-1',
  Table: 'PostsTable-1ABCDEF',
  ArtifactsBucket: code['ArtifactsBucket'] ?? '',
  RoleName: 'Role-1ABCDEF',
  BundleKey: `server/${'a'.repeat(64)}.tar.gz`,
  BundleSha256: 'a'.repeat(64),
};
const profile: Values = { InstanceProfile: 'LabInstanceProfile' };
const vpc: Values = {
  VpcId: 'vpc-0123456789abcdef0',
  SubnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
};
const certificate: Values = {
  CertificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
};

const domain: Values = { Domain: 'photos.example.org', HostedZoneId: 'Z0123456789ABCDEFGHIJ' };
const accounts: Values = { Accounts: 'true', Domain: 'photos.example.org' };
const pool: Values = {
  JwtIssuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
  JwtAudience: '1example23456789',
  JwtSignIn: 'https://postagram-test-123456789012.auth.eu-west-1.amazoncognito.com',
};
const zones: Values = { ZoneA: 'eu-west-1a', ZoneB: 'eu-west-1c' };

/** Every combination of what may be given or not, by what is given. What is not given is empty. */
function combinations(fixed: Values, choices: Record<string, Values>): Record<string, Values> {
  let sets: Record<string, Values> = { '': fixed };
  for (const [name, values] of Object.entries(choices)) {
    const absent = Object.fromEntries(Object.keys(values).map((parameter) => [parameter, '']));
    sets = Object.fromEntries(
      Object.entries(sets).flatMap(([given, set]) => [
        [given, { ...set, ...absent }],
        [given === '' ? `with ${name}` : `${given}, ${name}`, { ...set, ...values }],
      ]),
    );
  }
  return Object.fromEntries(
    Object.entries(sets).map(([given, set]) => [given === '' ? 'nothing given' : given, set]),
  );
}

const servers = combinations(fed, { profile, vpc, certificate, alarms });

/** Parameters of both stacks, in every combination of their conditions. */
export const parameterSets: Record<'serverless' | 'server', Record<string, Values>> = {
  serverless: combinations({ ...always, ...code }, { role, boundary, alarms, accounts }),
  server: {
    ...servers,
    // Nothing else depends on these conditions.
    'a domain of ours, two zones': { ...servers['with certificate'], ...domain, ...zones },
    accounts: { ...servers['with certificate'], ...domain, ...pool },
    'a domain elsewhere': { ...servers['nothing given'], ...domain, HostedZoneId: '' },
  },
};
