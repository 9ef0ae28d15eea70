import { toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import * as v from 'valibot';
import type { Routes } from './call.ts';

/** A value in a path or a query: what is valid, and what it means. */
export type Parameter = { schema: v.GenericSchema; description?: string; required?: boolean };

/** An answer that is no error. Without a schema it has no body. */
export type Answer = {
  description: string;
  schema?: v.GenericSchema;
  headers?: Readonly<Record<string, string>>;
};

/** What the table of routes does not say of a route. */
export type Description = {
  summary: string;
  description?: string;
  /** The caller has to say who it is. */
  caller?: true;
  /** Its 200 has a tag, by which one asks whether it is still the same. */
  tagged?: true;
  params?: Readonly<Record<string, Parameter>>;
  query?: Readonly<Record<string, Parameter>>;
  /** The JSON that is sent. */
  body?: v.GenericSchema;
  /** By status. */
  answers: Readonly<Record<number, Answer>>;
  /** Statuses below 500 that come with a problem document. */
  errors?: readonly number[];
};

export type ApiInfo = {
  title: string;
  version: string;
  description: string;
  /** How callers say who they are. */
  security: { type: 'apiKey'; in: 'header'; name: string; description: string } | Bearer;
  /** Schemas that are described once, by their names. */
  schemas: Readonly<Record<string, v.GenericSchema>>;
};

type Bearer = { type: 'http'; scheme: 'bearer'; bearerFormat: string; description: string };

const problemFields = {
  title: v.string(),
  status: v.pipe(v.number(), v.integer()),
  detail: v.pipe(v.string(), v.description('One sentence that names what is wrong.')),
  message: v.pipe(v.string(), v.description('The same as detail.')),
};
const problemSchema = v.object(problemFields);
const invalidSchema = v.object({ ...problemFields, status_code: v.literal(10422), data: v.null() });

const EVERY_ANSWER = {
  'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
};

const ERRORS: Readonly<Record<number, string>> = {
  400: 'The request is not HTTP, the path not percent-encoding or the body not JSON.',
  401: 'The request does not say who is calling.',
  404: 'There is no such thing, or it is not yours.',
  409: 'What is there does not allow it: the detail says why.',
  413: 'The body is too long.',
  415: 'The type is not supported.',
  422: 'A value is not valid: the detail names it.',
  429: 'Too many in this minute: Retry-After says when to try again.',
};

/**
 * An OpenAPI 3.1 document of a table of routes.
 * @param routes `'METHOD /path/:param'` → handler
 * @param descriptions by the same keys
 * @throws Error naming the routes that are not described, and what is described without being routed
 */
export function describe(routes: Routes, descriptions: Readonly<Record<string, Description>>, info: ApiInfo) {
  const known = new Set([...Object.keys(routes), ...Object.keys(descriptions)]);
  const astray = [...known].filter((route) => !(route in routes && route in descriptions));
  if (astray.length > 0) throw new Error(`Only routed or only described: ${astray.join(', ')}`);

  const { title, version, description, security } = info;
  const schemas = { ...info.schemas, Problem: problemSchema, Invalid: invalidSchema };
  const paths: Record<string, Record<string, object>> = {};
  for (const [route, described] of Object.entries(descriptions)) {
    const [method = '', pattern = ''] = route.split(' ');
    const path = pattern.replaceAll(/:(\w+)/g, '{$1}');
    // A segment of which nothing is said may be anything.
    const names = Array.from(pattern.matchAll(/:(\w+)/g), ([, name = '']) => [name, { schema: v.string() }]);
    const params = { ...Object.fromEntries(names), ...described.params };
    const operation = operationOf({ ...described, params }, schemas);
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: operation,
      // What answers GET answers HEAD.
      ...(method === 'GET' && { head: headOf(operation) }),
    };
  }
  return {
    openapi: '3.1.1',
    info: { title, version, description },
    // Relative to where the document is.
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: definitionsOf(schemas),
      headers: {
        'X-Request-Id': { description: 'The log has it too.', required: true, schema: { type: 'string' } },
      },
      securitySchemes: { caller: security },
    },
  };
}

type Schemas = Readonly<Record<string, v.GenericSchema>>;

const settings = {
  target: 'draft-2020-12',
  typeMode: 'input',
  // What no JSON Schema can say, such as trimming, is checked all the same.
  errorMode: 'ignore',
  overrideRef: ({ referenceId }: { referenceId: string }) => `#/components/schemas/${referenceId}`,
} as const;

const definitionsOf = (schemas: Schemas) => toJsonSchemaDefs(schemas, settings);

function schemaOf(schema: v.GenericSchema, schemas: Schemas): object {
  const {
    $schema: _dialect,
    $defs: _definitions,
    ...rest
  } = toJsonSchema(schema, { ...settings, definitions: schemas });
  return rest;
}

function operationOf(
  { summary, description, caller, tagged, params, query, body, answers, errors = [] }: Description,
  schemas: Schemas,
) {
  const json = (schema: v.GenericSchema) => ({ 'application/json': { schema: schemaOf(schema, schemas) } });
  const parameters = [
    ...parametersOf('path', params ?? {}, schemas),
    ...parametersOf('query', query ?? {}, schemas),
    ...(tagged ? parametersOf('header', IF_NONE_MATCH, schemas) : []),
  ];
  return {
    summary,
    ...(description !== undefined && { description }),
    ...(caller && { security: [{ caller: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: json(body) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(tagged ? withTag(answers) : answers).map(([status, answer]) => [
          status,
          {
            description: answer.description,
            headers: { ...EVERY_ANSWER, ...headersOf(answer.headers ?? {}) },
            ...(answer.schema && { content: json(answer.schema) }),
          },
        ]),
      ),
      ...Object.fromEntries(errors.map((status) => [status, problemAnswer(ERRORS[status] ?? '', status)])),
      '5XX': problemAnswer('Something failed at our end; 503 comes with Retry-After.', 500),
    },
  };
}

/** The 200 with its tag, and the 304 to who has it. */
function withTag({ 200: found, ...others }: Description['answers']): Description['answers'] {
  if (!found) throw new Error('A tag belongs to a 200');
  return {
    ...others,
    200: { ...found, headers: { ...found.headers, ...TAG } },
    304: { description: 'It is what the caller has.', headers: TAG },
  };
}

const TAG = { ETag: 'To be sent with If-None-Match.' };

const IF_NONE_MATCH = {
  'If-None-Match': { schema: v.string(), description: 'Tags of what the caller has, or `*`.' },
};

const parametersOf = (
  place: 'path' | 'query' | 'header',
  parameters: Readonly<Record<string, Parameter>>,
  schemas: Schemas,
) =>
  Object.entries(parameters).map(([name, { schema, description, required = place === 'path' }]) => ({
    name,
    in: place,
    required,
    ...(description !== undefined && { description }),
    schema: schemaOf(schema, schemas),
  }));

const headersOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

function problemAnswer(description: string, status: number) {
  const $ref = `#/components/schemas/${status === 422 ? 'Invalid' : 'Problem'}`;
  return {
    description,
    headers: {
      ...EVERY_ANSWER,
      ...(status === 429 && headersOf({ 'Retry-After': 'Seconds.' })),
    },
    content: { 'application/problem+json': { schema: { $ref } } },
  };
}

/** The same answers without their bodies. */
function headOf(operation: ReturnType<typeof operationOf>) {
  const responses = Object.entries(operation.responses).map(([status, answer]) => {
    const { description, headers } = answer;
    return [status, { description, headers }];
  });
  return { ...operation, responses: Object.fromEntries(responses) };
}
