import type { Json, JsonObject, Resource, Stack } from './stacks.ts';

const pseudo: Record<string, string> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-west-1',
  'AWS::StackName': 'postagram-test',
  'AWS::StackId': 'arn:aws:cloudformation:eu-west-1:123456789012:stack/postagram-test/0',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Stands for `AWS::NoValue`. */
const nothing = Symbol('AWS::NoValue');

/**
 * A template as CloudFormation sees it once it knows the parameters: conditions decided, intrinsic functions
 * replaced. Covers the functions that our templates use.
 *
 * @param parameters values by name; the template's defaults fill in the rest
 * @param names what the resources are called, by logical id (for Ref) or `id.attribute` (for GetAtt); that same text
 *   without it
 */
export function resolve(
  stack: Stack,
  parameters: Record<string, string>,
  names: Record<string, string> = {},
): Pick<Stack, 'Resources' | 'Outputs'> {
  const made = (entry: Resource | { Condition?: string }) =>
    entry.Condition === undefined || holds(entry.Condition);
  const kept = <T extends object>(entries: Record<string, T>) =>
    Object.fromEntries(Object.entries(entries).filter(([, entry]) => made(entry)));
  const parts = { Resources: kept(stack.Resources), Outputs: kept(stack.Outputs) };
  // A resource is JSON, and replacing values in it leaves it one.
  return evaluate(parts as JsonObject) as unknown as typeof parts;

  function evaluate(value: Json): Json | typeof nothing {
    if (Array.isArray(value)) return value.map(evaluate).filter((item) => item !== nothing);
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = ['', null]] = Object.entries(value);
    if (name === 'Ref') return ref(String(argument));
    if (name.startsWith('Fn::')) return call(name.slice('Fn::'.length), argument);
    const entries = Object.entries(value).map(([key, inner]) => [key, evaluate(inner)] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== nothing));
  }

  function call(name: string, argument: Json): Json | typeof nothing {
    if (name === 'GetAtt') return named(listOf(argument).join('.'));
    if (name === 'If') {
      const [condition, yes = null, no = null] = listOf(argument);
      return evaluate(holds(String(condition)) ? yes : no);
    }
    if (name === 'Base64') return Buffer.from(text(argument)).toString('base64');
    if (name === 'GetAZs') return ['a', 'b', 'c'].map((zone) => pseudo['AWS::Region'] + zone);
    const [first = null, second = null] = listOf(argument);
    if (name === 'Join') return listOf(evaluate(second)).join(String(first));
    if (name === 'Split') return text(second).split(String(first));
    if (name === 'Select') return listOf(evaluate(second))[Number(first)] ?? null;
    if (name === 'Sub') return substitute(String(first), second);
    throw new Error(`Fn::${name} is not among the functions that the templates use`);
  }

  function ref(id: string): Json | typeof nothing {
    if (id === 'AWS::NoValue') return nothing;
    const declared = stack.Parameters[id];
    if (!declared) return pseudo[id] ?? named(id);
    const value = parameters[id] ?? declared['Default'];
    if (value === undefined) throw new Error(`The parameter ${id} has no value`);
    if (declared['Type'] === 'CommaDelimitedList') return String(value).split(',');
    return String(value);
  }

  function substitute(template: string, values: Json): string {
    const given = typeof values === 'object' && values !== null ? (values as JsonObject) : {};
    return template.replaceAll(/\$\{([^!}]+)\}/g, (_, name: string) => text(given[name] ?? { Ref: name }));
  }

  function holds(condition: Json): boolean {
    if (typeof condition === 'string') return holds(stack.Conditions[condition] ?? null);
    const [[name, argument] = ['', null]] = Object.entries(condition ?? {});
    if (name === 'Fn::And') return listOf(argument).every(holds);
    if (name === 'Fn::Not') return !holds(listOf(argument)[0] ?? null);
    if (name !== 'Fn::Equals') throw new Error(`A condition uses ${name}`);
    const [left = null, right = null] = listOf(argument);
    return text(left) === text(right);
  }

  function named(name: string): string {
    return names[name] ?? name;
  }

  function text(value: Json): string {
    return String(evaluate(value));
  }
}

function listOf(value: Json | symbol): Json[] {
  if (!Array.isArray(value)) throw new Error(`Not a list: ${JSON.stringify(value)}`);
  return value;
}
