import type { Compiled } from '../build/compile.ts';
import { resourcesMade } from '../cloudformation/conditions.ts';
import { valuesOf } from '../cloudformation/parameters.ts';
import type { Choice, Values } from '../cloudformation/parameters.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { costAtRest, showCost } from './estimate.ts';

/** What a stage costs at rest, put together stack by stack: alarms of two stacks are one row. */
export function createCost() {
  const stacks = new Map<string, { types: string[]; values: Values }>();
  let told = '';
  return {
    /** Says with what a stack is made; said again, the later holds. */
    add({ name, shape }: Pick<Compiled, 'name' | 'shape'>, choices: readonly Choice[]): void {
      const values = valuesOf(choices);
      stacks.set(name, { values, types: resourcesMade(shape, values).map(({ type }) => type) });
    },
    /** Shows it, unless this is what it showed last. */
    show(terminal: Terminal): void {
      const parts = [...stacks.values()];
      const types = parts.flatMap((part) => part.types);
      const costs = costAtRest(types, Object.assign({}, ...parts.map(({ values }) => values)));
      if (told === (told = JSON.stringify(costs))) return;
      showCost(terminal, costs);
    },
  };
}
