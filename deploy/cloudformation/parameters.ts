import { randomBytes } from 'node:crypto';
import { DeployFailure } from './failure.ts';
import type { Options } from '../terminal/options.ts';

/** Values by parameter name. */
export type Values = Readonly<Record<string, string>>;

/** The part of a compiled template that says which parameters it takes. */
export interface Declares {
  Parameters?: Readonly<
    Record<string, { Type?: string; Default?: string | number | undefined; NoEcho?: boolean | undefined }>
  >;
}

/**
 * The flags as parameters. A flag that is not given is absent here, so that the stack keeps what it has;
 * one that is given empty is empty here.
 */
export function flagParameters(options: Options): Values {
  const values: Record<string, string | undefined> = {
    Stage: options.stage,
    RoleArn: options.role,
    InstanceProfile: options['instance-profile'],
    VpcId: options.vpc,
    SubnetIds: options.subnets,
    CertificateArn: options.certificate,
    Domain: options.domain,
    Accounts: options.accounts ? 'true' : undefined,
    MinSize: options.min,
    MaxSize: options.max,
    InstanceType: options['instance-type'],
    ImageId: options['instance-type'] && imageParameter(options['instance-type']),
    AllowCidr: options['allow-cidr'],
    CorsOrigins: options['cors-origin']?.join(','),
    AlarmEmail: options['alarm-email'],
    PermissionsBoundary: options['permissions-boundary'],
  };
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/**
 * A flag that no template of the system has a parameter for would change nothing.
 * @throws DeployFailure naming the parameter
 */
export function refuseUnknown(system: string, templates: readonly Declares[], given: Values): void {
  const declared = new Set(templates.flatMap(({ Parameters }) => Object.keys(Parameters ?? {})));
  // Every system is told its stage, whether its templates want to know it or not.
  const unknown = Object.keys(given).filter((name) => name !== 'Stage' && !declared.has(name));
  if (unknown.length > 0)
    throw new DeployFailure(`${system} has no parameter ${unknown.join(', ')}: that flag is not for it`);
}

/** One parameter of a stack: its value, and who says so. */
export interface Choice {
  name: string;
  value: string;
  from: 'offer' | 'stack' | 'default' | 'made';
  /** Never to be shown. */
  secret?: true;
}

/**
 * What a stack is given: only parameters its template declares, so that outputs of another stack can be offered whole
 * and a new output needs no code. For each: the last offer that has it, else the value the stack has now, else the
 * template's default. An empty offer means the default too, even if the stack has another value now. A secret (NoEcho)
 * that has none of these is made: 32 random bytes in base64.
 * @param now values of the deployed stack; empty when there is none
 * @param offers from the weakest to the strongest
 */
export function stackParameters(template: Declares, now: Values, ...offers: Values[]): Choice[] {
  const offered: Values = Object.assign({}, ...offers);
  return Object.entries(template.Parameters ?? {}).map(([name, { Default: fallback, NoEcho }]): Choice => {
    const secret = NoEcho ? { secret: true as const } : {};
    const standard = fallback?.toString() ?? '';
    const offer = offered[name];
    if (offer !== undefined) return { name, value: offer || standard, from: 'offer', ...secret };
    const current = now[name];
    if (current !== undefined) return { name, value: current, from: 'stack', ...secret };
    if (NoEcho && fallback === undefined)
      return { name, value: randomBytes(32).toString('base64'), from: 'made', ...secret };
    return { name, value: standard, from: 'default', ...secret };
  });
}

export function valuesOf(choices: readonly Choice[]): Values {
  return Object.fromEntries(choices.map(({ name, value }) => [name, value]));
}

/** @throws DeployFailure when the fleet would have to be larger than it may be */
export function checkFleetSize(choices: readonly Choice[]): void {
  const { MinSize = '1', MaxSize = MinSize } = valuesOf(choices);
  if (+MinSize > +MaxSize) {
    throw new DeployFailure(`--min ${MinSize} is above the fleet's maximum of ${MaxSize}`);
  }
}

/**
 * Graviton types carry a g after the digits of their family: t4g, m7gd, c7gn, im4gn, is4gen, hpc7g; a1 was the first.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export function architectureOf(instanceType: string): 'arm64' | 'x86_64' {
  return /^(a1|[a-z]+\d+[a-z]*g[a-z]*)[.-]/.test(instanceType) ? 'arm64' : 'x86_64';
}

/** The public SSM parameter that names Amazon's newest image of Amazon Linux 2023 for the type's architecture. */
export function imageParameter(instanceType: string): string {
  return `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architectureOf(instanceType)}`;
}
