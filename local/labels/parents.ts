import { readFileSync } from 'node:fs';

/** `Cat: Pet, Mammal`: a label and what is one step above it. */
const above: ReadonlyMap<string, string[]> = new Map(
  readFileSync(new URL('parents.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [label = '', parents = ''] = line.split(': ');
      return [label, parents.split(', ')] as const;
    }),
);

/** All that a label is besides, the nearest first: of `Cat` `Pet`, `Mammal` and `Animal`. */
export function parentsOf(label: string): string[] {
  const found = new Set(above.get(label));
  // A set that grows while it is walked is walked to its end.
  for (const parent of found) for (const further of above.get(parent) ?? []) found.add(further);
  return [...found];
}
