import * as v from 'valibot';
import { HttpError } from './call.ts';

/**
 * Parses what a caller sent.
 * @param name what the value is called, for the message when the value itself (not a part of it) is wrong
 * @throws HttpError 422 that names the first wrong field
 */
export function parseInput<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  name = 'body',
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new HttpError(422, `${v.getDotPath(issue) ?? name}: ${issue.message}`);
}
