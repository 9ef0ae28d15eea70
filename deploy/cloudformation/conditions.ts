import type { TemplateShape } from '../build/compile.ts';
import type { Values } from './parameters.ts';

/**
 * The resources a template makes with these values: conditions on parameters decided as CloudFormation does.
 * @throws Error on an intrinsic that no condition of ours uses
 */
export function resourcesMade(template: TemplateShape, values: Values): { id: string; type: string }[] {
  return Object.entries(template.Resources)
    .filter(([, { Condition: name }]) => name === undefined || holds(template, { Condition: name }, values))
    .map(([id, { Type: type }]) => ({ id, type }));
}

function holds(template: TemplateShape, condition: unknown, values: Values): boolean {
  const [[name, argument] = ['nothing', undefined]] = Object.entries(condition ?? {});
  const parts: unknown[] = Array.isArray(argument) ? argument : [argument];
  const decide = (part: unknown) => holds(template, part, values);
  switch (name) {
    case 'Condition':
      return decide(template.Conditions?.[String(argument)]);
    case 'Fn::Equals':
      return valueOf(parts[0], values) === valueOf(parts[1], values);
    case 'Fn::Not':
      return !decide(parts[0]);
    case 'Fn::And':
      return parts.every(decide);
    case 'Fn::Or':
      return parts.some(decide);
    default:
      throw new Error(`A condition uses ${name}, which the plan cannot decide`);
  }
}

function valueOf(value: unknown, values: Values): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = ['nothing', undefined]] = Object.entries(value);
  if (name !== 'Ref') throw new Error(`A condition compares ${name}, which the plan cannot decide`);
  return values[String(argument)] ?? '';
}
