import { readFileSync } from 'node:fs';
import { DeployFailure } from '../cloudformation/failure.ts';
import { ownCalls, parameterCalls } from './own-calls.ts';

export interface Policy {
  Version: '2012-10-17';
  Statement: Statement[];
}

interface Statement {
  Effect: 'Allow';
  Action: string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** What a policy is for. Without a region or an account it is for all of them. */
interface Scope {
  system: string;
  /** Names of its stacks. */
  stacks: readonly string[];
  stage: string;
  region?: string | undefined;
  /** ARN or name of a role that was there before, which Lambda and instances are handed. */
  role?: string | undefined;
}

/** Characters of a managed policy, spaces apart: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const mostCharacters = 6144;

/**
 * Services of which a template uses anything. The schemas also ask for what their types could do with others: keys of KMS,
 * container images, file systems, streams of Kinesis.
 */
const services = new Set([
  'apigateway',
  'autoscaling',
  'cloudformation',
  'cloudwatch',
  'cognito-idp',
  'dynamodb',
  'ec2',
  'elasticloadbalancing',
  'iam',
  'lambda',
  'logs',
  'route53',
  's3',
  'scheduler',
  'sns',
  'sqs',
  'ssm',
]);

/** Services that Auto Scaling and the load balancer let do things in an account that has never had one. */
const linkedRoles = ['autoscaling.amazonaws.com', 'elasticloadbalancing.amazonaws.com'];

/**
 * The least that deploys, operates and takes down a stage: what the resource types ask for in their own schemas, since
 * CloudFormation acts with the rights of its caller, and what deploy.ts itself asks. No AWS account has proven it yet.
 * @param types of all resources
 * @returns as many policies as the limit of characters makes necessary
 * @throws DeployFailure for a type whose needs are not known
 */
export function deployerPolicies(types: readonly string[], scope: Scope): Policy[] {
  // Written by scripts/deployer-policy.ts in this form.
  const needs = JSON.parse(readFileSync(new URL('handlers.json', import.meta.url), 'utf8')) as Record<
    string,
    string[]
  >;
  const unknown = [...new Set(types)].filter((type) => !needs[type]?.length);
  if (unknown.length > 0)
    throw new DeployFailure(
      `What ${unknown.join(', ')} needs is not known`,
      'Add it to deploy/policy/schemas.ts and run: npx tsx scripts/deployer-policy.ts',
    );
  const actions = [
    ...types.flatMap((type) => needs[type] ?? []),
    ...Object.values(ownCalls).flat(),
    ...parameterCalls,
  ]
    // One of the schemas asks for a name from S3's access log, which is no action.
    .filter((action) => /^[a-z0-9-]+:[A-Za-z]+\*?$/.test(action) && services.has(serviceOf(action)));
  return pack(statements([...new Set(actions)].toSorted(), scope));
}

const serviceOf = (action: string) => action.slice(0, action.indexOf(':'));

/** Looks at what there is: most of these know no resource, and none gives away data. */
const isLook = (action: string) => /:(Describe|List)/.test(action);

function statements(actions: readonly string[], scope: Scope): Statement[] {
  const named = namesOf(scope);
  const rows = new Map<string, Statement>();
  const add = (action: string, Resource: Statement['Resource'], Condition?: Statement['Condition']) => {
    const key = JSON.stringify([Resource, Condition]);
    const row = rows.get(key) ?? { Effect: 'Allow', Action: [], Resource, ...(Condition && { Condition }) };
    row.Action.push(action);
    rows.set(key, row);
  };
  const inRegion = scope.region && { StringEquals: { 'aws:RequestedRegion': scope.region } };
  for (const action of actions) {
    const service = serviceOf(action);
    const resources = named[service];
    if (action === 'iam:CreateServiceLinkedRole')
      add(action, '*', { StringEquals: { 'iam:AWSServiceName': linkedRoles } });
    else if (resources && !(isLook(action) && service !== 'cloudformation' && service !== 's3'))
      add(action, resources);
    else if (resources && service === 's3' && action !== 's3:ListAllMyBuckets') add(action, resources);
    else if (inRegion && !['iam', 'route53', 's3'].includes(service)) add(action, '*', inRegion);
    else add(action, '*');
  }
  return [...rows.values()];
}

/** What services call the things of a stage, where that can be known before: CloudFormation puts the stack's name first. */
function namesOf({ system, stacks, stage, region = '*', role }: Scope): Record<string, string[]> {
  const regional = (service: string, ...paths: string[]) =>
    paths.map((path) => `arn:aws:${service}:${region}:*:${path}`);
  const each = (kind: string) => stacks.map((stack) => `${kind}${stack}-*`);
  const roles = [...each('role/'), ...each('instance-profile/')].map((path) => `arn:aws:iam::*:${path}`);
  return {
    cloudformation: regional('cloudformation', ...stacks.map((stack) => `stack/${stack}/*`)),
    dynamodb: regional('dynamodb', ...each('table/')),
    iam: [...roles, ...(role ? [role.startsWith('arn:') ? role : `arn:aws:iam::*:role/${role}`] : [])],
    lambda: regional('lambda', ...each('function:'), ...each('layer:'), 'event-source-mapping:*'),
    logs: regional('logs', `log-group:/${system}/${stage}/*`),
    s3: [`arn:aws:s3:::${system}-*`, `arn:aws:s3:::postagram-artifacts-${stage}-*`],
    sns: regional('sns', ...each('')),
    sqs: regional('sqs', ...each('')),
    ssm: [`arn:aws:ssm:${region}::parameter/aws/service/ami-amazon-linux-latest/*`],
  };
}

/** Spreads statements over policies that are short enough, cutting long ones in two. */
function pack(all: readonly Statement[]): Policy[] {
  const policies: Policy[] = [];
  for (const { Action, ...rest } of all)
    for (const action of Action) {
      const last = policies.at(-1);
      const open = last?.Statement.at(-1);
      const same =
        open && JSON.stringify({ ...open, Action: [] }) === JSON.stringify({ ...rest, Action: [] });
      if (last && same) open.Action.push(action);
      else if (last) last.Statement.push({ ...rest, Action: [action] });
      if (last && JSON.stringify(last).length <= mostCharacters) continue;
      last?.Statement.at(-1)?.Action.pop();
      if (last?.Statement.at(-1)?.Action.length === 0) last.Statement.pop();
      policies.push({ Version: '2012-10-17', Statement: [{ ...rest, Action: [action] }] });
    }
  return policies;
}
