import { DeployFailure } from '../cloudformation/failure.ts';
import type { System, SystemFlag } from '../system.ts';

type Flags = NonNullable<System['flags']>;
type Given = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** A system's own flags as node:util's parseArgs takes them. */
export function flagConfig(flags: Flags) {
  return Object.fromEntries(
    Object.entries(flags).map(([name, { value, multiple = false }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple },
    ]),
  );
}

/**
 * What a system's own flags were given, by the flag's name; one that is repeated has commas between its values.
 * @throws DeployFailure naming the flag and what it must be
 */
export function readFlags(flags: Flags, given: Given): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const values = [given[name] ?? []].flat();
    if (values.length === 0) continue;
    read[name] = values.map((value) => valueOf(name, flag, value)).join(',');
  }
  return read;
}

function valueOf(
  name: string,
  { sets = 'true', pattern, wanted }: SystemFlag,
  value: string | boolean,
): string {
  if (typeof value === 'boolean') return value ? sets : '';
  // An empty value sets the parameter back to its default, as with every flag.
  if (value !== '' && pattern && !pattern.test(value)) {
    throw new DeployFailure(`--${name} must be ${wanted ?? String(pattern)}`);
  }
  return value;
}

/** The lines of --help for a system's own flags. */
export function flagHelp(flags: Flags): string {
  return Object.entries(flags)
    .map(([name, { value, about }]) => `  ${`--${name}${value ? ` ${value}` : ''}`.padEnd(25)}${about}\n`)
    .join('');
}
