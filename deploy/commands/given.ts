import { accountOf, roleArn } from '../account.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import { flagParameters, refuseUnknown } from '../cloudformation/parameters.ts';
import type { Values } from '../cloudformation/parameters.ts';
import { findStack, stackOutputs } from '../cloudformation/stack.ts';
import type { Product } from '../build/product.ts';
import { regionNote } from '../regions.ts';
import type { System } from '../system.ts';
import type { Options } from '../terminal/options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Session } from './session.ts';

/** Whose account this is. */
export type Account = Awaited<ReturnType<typeof accountOf>>;

/** Tells where this run works; the first call of a run, so that missing or expired credentials show at once. */
export async function tellPlace(
  { sts, terminal, region }: Session,
  { stage }: Options,
  system: System,
): Promise<Account> {
  const account = await accountOf(sts);
  terminal.line(`Stage ${stage}, region ${region}, account ${account.account}`);
  if (system.labels) tellRegion(terminal, region);
  return account;
}

/** Says what is not known to work in a region. */
export function tellRegion({ line, paint }: Terminal, region: string): void {
  const note = regionNote(region);
  if (note) line(` ${paint('yellow', note)}`);
}

/**
 * The flags as parameters of the system's templates. A role given by name becomes its ARN; a stage given in place of an
 * output becomes that stage's output.
 * @param outputOf looks up an output of a stack by the stack's name
 * @throws DeployFailure for a flag that no template of the system has a parameter for
 */
export async function givenValues(
  { system, stacks }: Product,
  options: Options,
  account: Account,
  outputOf: (stack: string, output: string) => Promise<string>,
): Promise<Values> {
  const { RoleArn, ...flags } = flagParameters(options);
  const values = {
    ...flags,
    ...(RoleArn !== undefined && { RoleArn: roleArn(RoleArn, account) }),
    ...(await ownValues(system, options, outputOf)),
  };
  const shapes = stacks.map(({ shape }) => shape);
  refuseUnknown(system.name, shapes, values);
  return values;
}

async function ownValues(
  { flags = {} }: System,
  { own }: Options,
  outputOf: (stack: string, output: string) => Promise<string>,
): Promise<Values> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    const flag = flags[name];
    if (!flag) continue;
    values[flag.parameter] =
      flag.outputOf && value
        ? await outputOf(`${flag.outputOf.stack}-${value}`, flag.outputOf.output)
        : value;
  }
  return values;
}

/** @throws DeployFailure when there is no such stack, or it has no such output */
export async function deployedOutput(
  { cfn, region }: Session,
  stack: string,
  output: string,
): Promise<string> {
  const value = stackOutputs(await findStack(cfn, stack))[output];
  if (value === undefined)
    throw new DeployFailure(`There is no stack ${stack} with an output ${output} in ${region}`);
  return value;
}
