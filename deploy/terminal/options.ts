import { isIPv4 } from 'node:net';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { DeployFailure } from '../cloudformation/failure.ts';
import type { System } from '../system.ts';
import { durationOf } from './log-line.ts';
import { flagConfig, readFlags } from './system-flags.ts';

const commands = ['up', 'down', 'diff', 'outputs', 'logs', 'relabel', 'policy'] as const;

/** An empty value is taken too: it sets the flag's parameter back to the template's default. */
const orEmpty = (pattern: RegExp, wanted: string) =>
  v.pipe(
    v.string(),
    v.check((value) => value === '' || pattern.test(value), `must be ${wanted}`),
  );

const count = (least: number) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => value === '' || (/^\d{1,3}$/.test(value) && +value >= least && +value <= 100),
      `must be a number from ${least} to 100`,
    ),
  );

function isBlock(value: string): boolean {
  const [address = '', bits = ''] = value.split('/');
  return value === '' || (isIPv4(address) && /^\d{1,2}$/.test(bits) && +bits <= 32);
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Tag.html */
const isTag = (value: string) => value === '' || /^(?!aws:)[^=]{1,128}=.{0,256}$/i.test(value);

/** One row per flag that carries a value: how it must look. */
const values = v.strictObject({
  stage: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$/, 'must be 1 to 15 of a-z, 0-9 and -, from a letter on'),
    ),
    'dev',
  ),
  region: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, 'must be a region such as eu-west-1')),
  ),
  role: v.optional(
    orEmpty(
      /^(arn:aws[\w-]*:iam::\d{12}:role\/)?[\w+=,.@-]{1,64}$/,
      'the name or the ARN of an IAM role without a path',
    ),
  ),
  'instance-profile': v.optional(orEmpty(/^[\w+=,.@-]{1,128}$/, 'the name of an instance profile')),
  vpc: v.optional(orEmpty(/^vpc-[0-9a-f]{8,17}$/, 'a VPC id such as vpc-0123456789abcdef0')),
  subnets: v.optional(
    orEmpty(
      /^subnet-[0-9a-f]{8,17}(,subnet-[0-9a-f]{8,17})+$/,
      'two or more subnet ids with commas between them (a load balancer needs two zones)',
    ),
  ),
  certificate: v.optional(
    orEmpty(/^arn:aws[\w-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, 'the ARN of an ACM certificate'),
  ),
  domain: v.optional(
    orEmpty(
      /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
      'a domain name in small letters such as photos.example.org',
    ),
  ),
  min: v.optional(count(1)),
  // A rolling update starts one instance beside the one in service.
  max: v.optional(count(2)),
  'instance-type': v.optional(orEmpty(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, 'an instance type such as t4g.small')),
  'allow-cidr': v.optional(
    v.pipe(v.string(), v.check(isBlock, 'must be an IPv4 block such as 203.0.113.0/24')),
  ),
  'cors-origin': v.optional(
    v.pipe(
      v.array(v.string()),
      v.check(
        (origins) => origins.every((origin) => /^$|^\*$|^https?:\/\/[^\s,/]+$/.test(origin)),
        'must be * or an origin such as https://example.org (no path; repeat the flag for more)',
      ),
    ),
  ),
  'alarm-email': v.optional(orEmpty(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address')),
  'permissions-boundary': v.optional(
    orEmpty(/^arn:aws[\w-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/, 'the ARN of an IAM policy'),
  ),
  tag: v.optional(
    v.pipe(
      v.array(v.string()),
      v.check(
        (tags) => tags.every(isTag),
        'must be KEY=VALUE, not starting with aws: (repeat the flag for more)',
      ),
    ),
  ),
  since: v.optional(
    v.pipe(
      v.string(),
      v.check((value) => durationOf(value) !== undefined, 'must be such as 90s, 10m, 2h or 3d'),
    ),
    '10m',
  ),
  of: v.optional(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/, 'must be such as server or labeler'))),
  'confirm-stage': v.optional(v.string()),
  service: v.optional(v.string()),
  accounts: v.optional(v.boolean()),
  yes: v.optional(v.boolean(), false),
  'write-env': v.optional(v.boolean(), false),
  'dry-run': v.optional(v.boolean(), false),
  data: v.optional(v.boolean(), false),
  follow: v.optional(v.boolean(), false),
  'no-rollback': v.optional(v.boolean(), false),
  'lift-protection': v.optional(v.boolean(), false),
  missing: v.optional(v.boolean(), false),
  help: v.optional(v.boolean(), false),
});

export type Options = v.InferOutput<typeof values> & {
  command: (typeof commands)[number];
  /** What the system's own flags were given, by the flag's name. */
  own: Readonly<Record<string, string>>;
};

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const config = {
  stage: text,
  region: text,
  role: text,
  'instance-profile': text,
  vpc: text,
  subnets: text,
  certificate: text,
  domain: text,
  min: text,
  max: text,
  'instance-type': text,
  'allow-cidr': text,
  'cors-origin': { type: 'string', multiple: true },
  'alarm-email': text,
  'permissions-boundary': text,
  tag: { type: 'string', multiple: true },
  since: text,
  of: text,
  'confirm-stage': text,
  service: text,
  accounts: flag,
  yes: { type: 'boolean', short: 'y' },
  'write-env': flag,
  'dry-run': flag,
  data: flag,
  follow: { type: 'boolean', short: 'f' },
  'no-rollback': flag,
  'lift-protection': flag,
  missing: flag,
  help: { type: 'boolean', short: 'h' },
} as const;

/** The service that is named on the command line, whatever else stands there. */
export function serviceOf(args: readonly string[]): string | undefined {
  const { values: given } = parseArgs({ args: [...args], options: { service: text }, strict: false });
  return typeof given.service === 'string' ? given.service : undefined;
}

/**
 * Reads the command line.
 * @param args what follows the script's name
 * @param flags of the system that is deployed
 * @throws DeployFailure in one line that names the flag, or the word that is no command
 */
export function readOptions(args: readonly string[], flags: NonNullable<System['flags']> = {}): Options {
  const { values: all, positionals } = parse(args, flags);
  const given = Object.fromEntries(Object.entries(all).filter(([name]) => name in config));
  const result = v.safeParse(values, given);
  if (!result.success) {
    const [issue] = result.issues;
    throw usage(`--${String(issue.path?.[0]?.key)} ${issue.message.replace(/^(?!must)/, 'must be ')}`);
  }
  const [word = 'up', extra] = positionals;
  const command = commands.find((known) => known === word);
  if (!command) throw usage(`"${word}" is no command: ${commands.join(', ')}`);
  if (extra !== undefined) throw usage(`"${extra}" is too much: one command at a time`);
  return checkTogether({ ...result.output, command, own: readFlags(flags, all) });
}

function parse(args: readonly string[], flags: NonNullable<System['flags']>) {
  const options = { ...flagConfig(flags), ...config };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // parseArgs adds advice about positionals after the first sentence; that sentence names the flag.
    throw usage(error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error));
  }
}

/** Rules between flags. An empty value counts as not given. */
function checkTogether(options: Options): Options {
  const { vpc, subnets, min, max, command, data, yes, stage } = options;
  if (Boolean(vpc) !== Boolean(subnets))
    throw usage('--vpc and --subnets belong together: give both or neither');
  if (min && max && +min > +max) throw usage(`--min ${min} is above --max ${max}`);
  if (options.accounts && !options.domain) {
    throw usage(
      '--accounts needs --domain: the user pool must know the https address of the site before the site exists',
    );
  }
  if (data && command !== 'down') throw usage('--data belongs to the command down');
  if (options['dry-run'] && command !== 'up' && command !== 'relabel') {
    throw usage('--dry-run belongs to the commands up and relabel');
  }
  if (options.follow && command !== 'logs') throw usage('--follow belongs to the command logs');
  if (options.of !== undefined && command !== 'logs') throw usage('--of belongs to the command logs');
  if (options['no-rollback'] && command !== 'up') throw usage('--no-rollback belongs to the command up');
  if (options['lift-protection'] && command !== 'down') {
    throw usage('--lift-protection belongs to the command down');
  }
  if (options.missing && command !== 'relabel') throw usage('--missing belongs to the command relabel');
  const confirmed = options['confirm-stage'];
  if (confirmed !== undefined && !data) throw usage('--confirm-stage belongs to: down --data');
  if (confirmed !== undefined && confirmed !== stage) {
    throw usage(`--confirm-stage ${confirmed} is not the stage to delete (${stage})`);
  }
  if (data && yes && confirmed === undefined) {
    throw usage(
      `--yes is not enough for --data: add --confirm-stage ${stage}, which deletes every post and photo of it`,
    );
  }
  return options;
}

const usage = (message: string) =>
  new DeployFailure(message, 'All commands and flags: npx tsx deploy.ts --help');
