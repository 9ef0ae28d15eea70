import type { Change, ResourceChange, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import type { ChangeSet } from '../cloudformation/changes.ts';
import type { Compiled } from '../build/compile.ts';
import { resourcesMade } from '../cloudformation/conditions.ts';
import { valuesOf } from '../cloudformation/parameters.ts';
import type { Choice } from '../cloudformation/parameters.ts';
import type { Terminal } from './terminal.ts';

type Kind = 'add' | 'change' | 'maybe replace' | 'REPLACE' | 'remove' | 'keep';

/** Characters of a value that are worth a place on a line. */
const longest = 48;

/** What a change means to a person: above all whether something is replaced. */
export function kindOf({ Action, Replacement, PolicyAction }: ResourceChange): Kind {
  if (Action === 'Add' || Action === 'Import') return 'add';
  if (Action === 'Remove') return PolicyAction === 'Retain' ? 'keep' : 'remove';
  if (Replacement === 'True') return 'REPLACE';
  return Replacement === 'Conditional' ? 'maybe replace' : 'change';
}

/** Shows a change set: one line a resource, replacements in bold, then a count of each kind. */
export function showChanges({ heading, table, line, paint }: Terminal, set: ChangeSet): void {
  const mark = {
    add: paint('green', '+ add'),
    change: paint('yellow', '~ change'),
    'maybe replace': paint(['bold', 'red'], '± MAYBE REPLACE'),
    REPLACE: paint(['bold', 'red'], '± REPLACE'),
    remove: paint('red', '- remove'),
    keep: paint('yellow', '- leave, kept'),
  };
  const rows = set.changes.flatMap(({ ResourceChange: resource }: Change) => (resource ? [resource] : []));
  heading(`${set.stackName}: ${set.isNew ? 'new' : 'update'}`);
  table(
    rows.map((row) => [
      mark[kindOf(row)],
      row.LogicalResourceId ?? '',
      paint('dim', row.ResourceType ?? ''),
      details(row.Details ?? []),
    ]),
  );
  for (const change of set.resolved) line(` ${paint('bold', `another machine image, ${change}`)}`);
  const kinds = rows.map(kindOf);
  const counts = [...new Set(kinds)].map((kind) => `${kinds.filter((one) => one === kind).length} ${kind}`);
  line(` ${counts.join(', ') || 'no resource changes, but outputs or parameters do'}`);
}

/** One part for each property; CloudFormation names a property once more for each reason it changes. */
function details(all: ResourceChangeDetail[]): string {
  const parts = [...new Set(all.map(detail))].filter(Boolean);
  return parts.filter((part) => !parts.some((other) => other.startsWith(`${part} `))).join('; ');
}

/** `Property: before → after (because of a parameter)`, as far as CloudFormation tells. */
function detail({ Target, CausingEntity, ChangeSource }: ResourceChangeDetail): string {
  const { Attribute, Name, BeforeValue, AfterValue, RequiresRecreation } = Target ?? {};
  const values =
    isShort(BeforeValue) || isShort(AfterValue) ? `: ${cut(BeforeValue)} → ${cut(AfterValue)}` : '';
  const cause = CausingEntity && ChangeSource === 'ParameterReference' ? ` (parameter ${CausingEntity})` : '';
  const recreate = RequiresRecreation === 'Always' ? ' [replaces]' : '';
  return `${Name ?? Attribute ?? ''}${values}${cause}${recreate}`;
}

const isShort = (value: string | undefined) => value !== undefined && value.length <= longest;
const cut = (value = 'none') => (value.length <= longest ? value : `${value.slice(0, longest)}…`);

/** Shows what a stack would be made of where there is nothing to compare with. */
export function showPlan(
  terminal: Terminal,
  name: string,
  { shape }: Compiled,
  choices: readonly Choice[],
): void {
  const { heading, table } = terminal;
  heading(`${name}: what it is made of`);
  table(resourcesMade(shape, valuesOf(choices)).map(({ id, type }) => [id, type]));
  heading('with the parameters');
  table(choices.map((choice) => [choice.name, shown(choice)]));
}

function shown({ value, from, secret }: Choice): string {
  if (secret) return from === 'made' ? '(a secret, made at random)' : '(a secret)';
  return value === '' ? '(none)' : value;
}
