import type { S3Client } from '@aws-sdk/client-s3';
import type { STSClient } from '@aws-sdk/client-sts';
import { accountOf, roleArn } from '../account.ts';
import { bundleParameters, uploadBundle } from '../build/artifacts.ts';
import type { Product } from '../build/product.ts';
import { createChangeSet, discard, execute } from '../cloudformation/changes.ts';
import type { Compiled } from '../build/compile.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import { waitForHealth } from './health.ts';
import { stackNames } from '../names.ts';
import type { Options } from '../terminal/options.ts';
import { tellOutputs, writeEnvironment } from './outputs.ts';
import type { Outputs } from './outputs.ts';
import { checkFleetSize, flagParameters, stackParameters } from '../cloudformation/parameters.ts';
import type { Values } from '../cloudformation/parameters.ts';
import { prepareStack } from '../cloudformation/prepare.ts';
import { showChanges, showPlan } from '../terminal/show.ts';
import { findStack, stackOutputs, stackValues } from '../cloudformation/stack.ts';
import type { Cloud } from '../cloudformation/stack.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** The clients and the place of a run. */
export interface Session extends Cloud {
  s3: S3Client;
  sts: STSClient;
  root: string;
}

/** Flags as parameters; a role given by name becomes its ARN, for which AWS is asked whose account this is. */
async function givenValues(session: Session, options: Options): Promise<Values> {
  const { account, partition } = await accountOf(session.sts);
  session.terminal.line(`Stage ${options.stage}, region ${session.region}, account ${account}`);
  const values = flagParameters(options);
  return values.RoleArn ? { ...values, RoleArn: roleArn(values.RoleArn, { account, partition }) } : values;
}

/** Deploys both stacks: the first one's outputs are offered to the second as parameters. */
export async function up(session: Session, options: Options, { templates, bundle }: Product): Promise<void> {
  const { s3, terminal, root, region } = session;
  const names = stackNames(options.stage);
  const given = await givenValues(session, options);
  const serverless = await deploy(session, options, names.serverless, templates.serverless, [given]);
  const uploaded = await uploadBundle(s3, serverless.ArtifactsBucket ?? '', bundle);
  terminal.line(
    uploaded ? `Uploaded the server bundle ${bundle.sha256}` : 'This server bundle is there already',
  );
  const offers = [serverless, given, bundleParameters(bundle)];
  const server = await deploy(session, options, names.server, templates.server, offers);
  const found: Outputs = { stage: options.stage, region, serverless, server };
  await tellOutputs(terminal, root, found);
  if (options['write-env']) await writeEnvironment(terminal, root, found);
  session.interruption('Both stacks are deployed; only the wait for /health was interrupted.');
  await waitForHealth(terminal, server.Url ?? '');
  terminal.line(`\n${terminal.paint(['bold', 'green'], `✔ ${server.Url}`)}`);
}

/** @returns the outputs of the stack once it is as the template says */
async function deploy(
  session: Session,
  options: Options,
  name: string,
  compiled: Compiled,
  offers: Values[],
) {
  const { cfn, terminal } = session;
  const stack = await prepareStack(session, name);
  const choices = stackParameters(compiled.shape, stackValues(stack), ...offers);
  checkFleetSize(choices);
  const set = await createChangeSet(session, name, compiled, choices, stack);
  if (!set) {
    terminal.line(`${name}: no changes`);
    return stackOutputs(stack);
  }
  showChanges(terminal, set);
  const agreed =
    options.yes || (await terminal.confirm('Go ahead?').catch((error) => abandon(session, set, error)));
  if (!agreed)
    await abandon(session, set, new DeployFailure('Not deployed', 'Nothing of this plan was changed.'));
  await execute(session, set);
  return stackOutputs(await findStack(cfn, name));
}

async function abandon(
  session: Session,
  set: Parameters<typeof discard>[1],
  reason: unknown,
): Promise<never> {
  await discard(session, set);
  throw reason;
}

/** Shows what `up` would change; changes nothing. */
export async function diff(
  session: Session,
  options: Options,
  { templates, bundle }: Product,
): Promise<void> {
  const { cfn, terminal } = session;
  const names = stackNames(options.stage);
  const given = await givenValues(session, options);
  let offers = [given];
  for (const part of ['serverless', 'server'] as const) {
    const stack = await findStack(cfn, names[part]);
    const choices = stackParameters(templates[part].shape, stackValues(stack), ...offers);
    if (stack && stack.StackStatus !== 'REVIEW_IN_PROGRESS') {
      const set = await createChangeSet(session, names[part], templates[part], choices, stack);
      if (set) {
        showChanges(terminal, set);
        await discard(session, set);
      } else terminal.line(`${names[part]}: no changes`);
    } else showPlan(terminal, names[part], templates[part], choices);
    offers = [
      stack ? stackOutputs(stack) : outputsToCome(templates.serverless),
      given,
      bundleParameters(bundle),
    ];
  }
}

/** Stands for the outputs of a stack that is not there yet. */
function outputsToCome({ name, shape }: Compiled): Values {
  return Object.fromEntries(
    Object.keys(shape.Outputs ?? {}).map((output) => [output, `(output of ${name})`]),
  );
}

/** Shows, without asking AWS anything, what `up` would make from nothing. */
export function plan(terminal: Terminal, options: Options, { templates, bundle }: Product): void {
  const names = stackNames(options.stage);
  const flags = flagParameters(options);
  const unknown = { account: 'ACCOUNT', partition: 'aws' };
  const given = flags.RoleArn ? { ...flags, RoleArn: roleArn(flags.RoleArn, unknown) } : flags;
  let offers = [given];
  for (const part of ['serverless', 'server'] as const) {
    const choices = stackParameters(templates[part].shape, {}, ...offers);
    checkFleetSize(choices);
    showPlan(terminal, names[part], templates[part], choices);
    offers = [outputsToCome(templates.serverless), given, bundleParameters(bundle)];
  }
  terminal.line('Nothing was sent. Against an account, diff shows what would change there.');
}

/** Prints the outputs of what is deployed. */
export async function outputs(session: Session, options: Options): Promise<void> {
  const { cfn, terminal, root, region } = session;
  const names = stackNames(options.stage);
  const [serverless, server] = await Promise.all([
    findStack(cfn, names.serverless),
    findStack(cfn, names.server),
  ]);
  if (!serverless) throw new DeployFailure(`There is no stack ${names.serverless} in ${region}`);
  const found = {
    stage: options.stage,
    region,
    serverless: stackOutputs(serverless),
    server: stackOutputs(server),
  };
  await tellOutputs(terminal, root, found);
  if (options['write-env']) await writeEnvironment(terminal, root, found);
}
