/** DynamoDB's key conditions, as far as strings need them: `a = :x AND b < :y`, `BETWEEN` and `begins_with`. */
import type { Item } from './data.ts';

export type Attribute = { S?: string };
type Expression = {
  KeyConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, Attribute>;
};
/** `high` belongs to BETWEEN. */
export type Condition = { name: string; operator: string; value: string; high?: string };

const term =
  /^\s*\(?\s*(?:begins_with\s*\(\s*(?<prefixed>[#\w]+)\s*,\s*(?<prefix>:\w+)\s*\)|(?<name>[#\w]+)\s*(?:(?<operator>=|<=|>=|<|>)\s*(?<value>:\w+)|BETWEEN\s+(?<low>:\w+)\s+AND\s+(?<high>:\w+)))\s*\)?\s*(?:AND\b|$)/i;

/** @throws TypeError when the expression is not one of the forms above. */
export function parseKeyCondition(expression: Expression): Condition[] {
  const conditions: Condition[] = [];
  for (let rest = expression.KeyConditionExpression ?? ''; rest.trim() !== '';) {
    const match = term.exec(rest);
    if (!match?.groups) throw new TypeError(`Cannot read the key condition ${rest}`);
    const { prefixed, prefix, name, operator, value, low, high } = match.groups;
    const condition: Condition = {
      name: nameOf(expression, prefixed ?? name ?? ''),
      operator: prefixed ? 'begins_with' : (operator ?? 'BETWEEN'),
      value: valueOf(expression, prefix ?? value ?? low ?? ''),
    };
    if (high) condition.high = valueOf(expression, high);
    conditions.push(condition);
    rest = rest.slice(match[0].length);
  }
  return conditions;
}

/** Strings compare by their UTF-16 units here, which for the ASCII keys of this table is DynamoDB's order. */
export function matches(item: Item, { name, operator, value, high }: Condition): boolean {
  const actual = item[name];
  if (typeof actual !== 'string') return false;
  switch (operator.toUpperCase()) {
    case '=':
      return actual === value;
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
    case 'BETWEEN':
      return high !== undefined && actual >= value && actual <= high;
    default:
      return actual.startsWith(value);
  }
}

function nameOf({ ExpressionAttributeNames }: Expression, name: string): string {
  const real = name.startsWith('#') ? ExpressionAttributeNames?.[name] : name;
  if (real === undefined) throw new TypeError(`No such name in ExpressionAttributeNames: ${name}`);
  return real;
}

function valueOf({ ExpressionAttributeValues }: Expression, value: string): string {
  const attribute = ExpressionAttributeValues?.[value];
  if (attribute?.S === undefined)
    throw new TypeError(`No such string in ExpressionAttributeValues: ${value}`);
  return attribute.S;
}
