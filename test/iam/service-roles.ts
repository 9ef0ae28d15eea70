import { deepEqual } from 'node:assert/strict';
import type { Service } from '../../services/service.ts';
import { resolve } from '../templates/resolve.ts';
import type { Stack } from '../templates/stacks.ts';
import { denied, type Statement, superfluousIn } from './role.ts';
import type { Place, Use } from './uses.ts';

/** A deployed stack: values of its parameters, and physical names of its resources by logical id. */
export type Deployed = { parameters: Record<string, string>; names: Record<string, string> };

/** Statements of the parts in templates/service that AWS itself uses, on the function's behalf: test/templates holds them. */
const OF_THE_PARTS = ['Logs', 'DeadLetters', 'Stream', 'Schedule'];

/**
 * The roles of a service's functions together allow all of these uses, and not one statement and not one action of
 * theirs could be missing.
 * @param deployed by the stack's name inside the service
 * @throws AssertionError naming what is denied, or what nobody used
 */
export async function assertServiceRolesFit(
  { stacks }: Service,
  deployed: Readonly<Record<string, Deployed>>,
  uses: Use[],
  place: Place,
): Promise<void> {
  const policies = await Promise.all(
    stacks.map(async ({ name, template }) => {
      const stack = deployed[name];
      if (!stack) throw new Error(`The stack ${name} is not deployed`);
      // What JSON.stringify wrote of a template of ours is one.
      const body = JSON.parse(JSON.stringify(await template())) as Stack;
      return statementsOf({ ...body, Parameters: body.Parameters ?? {}, Outputs: {} }, stack, place);
    }),
  );
  const policy = policies.flat();
  deepEqual(await denied(policy, uses, place), [], 'denied');
  deepEqual(await superfluousIn(policy, uses, place), [], 'allowed, but used by nobody');
}

function statementsOf(stack: Stack, { parameters, names }: Deployed, place: Place): Statement[] {
  const known = Object.entries(stack.Resources).flatMap(([id, { Type }]): [string, string][] => {
    const name = names[id] ?? id;
    return [
      [id, name],
      [`${id}.Arn`, arnOf(Type, name, place)],
    ];
  });
  const { Resources } = resolve(stack, parameters, Object.fromEntries(known));
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::IAM::Role')
    .flatMap(({ Properties }) => {
      // The form that templates/service/function.ts writes; `resolve` has an account of its own.
      const text = JSON.stringify(Properties?.['Policies']).replaceAll('123456789012', place.account);
      const written = JSON.parse(text) as { PolicyDocument: { Statement: Statement[] } }[];
      return written.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    })
    .filter(({ Sid }) => !OF_THE_PARTS.includes(Sid));
}

function arnOf(type: string, name: string, { region, account }: Place): string {
  if (type === 'AWS::DynamoDB::Table') return `arn:aws:dynamodb:${region}:${account}:table/${name}`;
  if (type === 'AWS::S3::Bucket') return `arn:aws:s3:::${name}`;
  return name;
}
