import * as v from 'valibot';
import type { Routes } from '../http/call.ts';
import { type ApiInfo, type Description, describe } from '../http/openapi.ts';
import { userNameSchema } from '../identity/user-name.ts';
import { changeSchema } from './change.ts';
import { draftSchema, type Post, postIdSchema } from './post.ts';
import { labelSchema } from './label-names.ts';
import { labelsLimitSchema, prefixSchema } from './labels-route.ts';
import type { LabelCount } from './label-search.ts';
import { limitSchema } from './listing.ts';
import { filenameSchema, filetypeSchema, sizeSchema } from './upload.ts';

const pixels = v.pipe(v.number(), v.integer(), v.minValue(1));
const laidOut = 'in single posts, and in lists with a limit.';
const postFields = {
  user: v.string(),
  id: v.pipe(v.string(), v.regex(/^POST#[\da-f-]{36}$/)),
  title: v.string(),
  body: v.string(),
  alt: v.exactOptional(v.pipe(v.string(), v.description("What is on the photo, in the author's words."))),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  image: v.exactOptional(
    v.pipe(v.string(), v.url(), v.description('Presigned URL of the largest rendition of the photo, WebP.')),
  ),
  thumbnails: v.exactOptional(
    v.pipe(
      v.array(v.object({ width: pixels, url: v.pipe(v.string(), v.url()) })),
      v.description(`All renditions, the narrowest first; ${laidOut}`),
    ),
  ),
  width: v.exactOptional(
    v.pipe(pixels, v.description(`Of the photo as it stands upright, pixels; ${laidOut}`)),
  ),
  height: v.exactOptional(
    v.pipe(pixels, v.description(`Of the photo as it stands upright, pixels; ${laidOut}`)),
  ),
  thumbhash: v.exactOptional(
    v.pipe(v.string(), v.description(`ThumbHash of the photo, base64: to paint while it loads; ${laidOut}`)),
  ),
  label: v.exactOptional(v.pipe(v.array(v.string()), v.description('The same list as labels.'))),
  labels: v.exactOptional(v.pipe(v.array(v.string()), v.description('Absent until the photo is labelled.'))),
  status: v.picklist(['none', 'labelled', 'failed']),
  error: v.exactOptional(v.pipe(v.string(), v.description('Why the photo was refused.'))),
};
const postSchema: v.GenericSchema<Post> = v.object(postFields);
const postsSchema = v.array(postSchema);
const labelsSchema: v.GenericSchema<LabelCount[]> = v.array(
  v.object({
    label: v.string(),
    count: v.pipe(v.number(), v.integer(), v.description('Posts that have it.')),
    more: v.pipe(v.boolean(), v.description('There are more than were counted.')),
  }),
);
const metadataSchema = v.looseObject({ httpStatusCode: v.literal(200) });
const createdSchema = v.object({ ...postFields, $metadata: metadataSchema });
const deletedSchema = v.object({ $metadata: metadataSchema, Attributes: postSchema });
const uploadSchema = v.object({
  uploadURL: v.pipe(v.string(), v.url()),
  objectName: v.string(),
  method: v.literal('PUT'),
  headers: v.pipe(v.record(v.string(), v.string()), v.description('To be sent with the PUT.')),
  expiresIn: v.pipe(v.number(), v.integer(), v.description('Seconds.')),
});

const signInSchema = v.object({
  identity: v.picklist(['plain', 'jwt']),
  issuer: v.exactOptional(v.pipe(v.string(), v.url(), v.description('Of the tokens, with jwt.'))),
  clientId: v.exactOptional(v.string()),
  nameClaim: v.exactOptional(v.pipe(v.string(), v.description("The claim that is the user's name."))),
});

const user = { schema: userNameSchema, description: "Whose posts; everybody's without it." };
const id = { schema: postIdSchema, description: 'A uuid, or `POST#` and a uuid.' };
const signUpload: Description = {
  summary: 'A URL to upload a photo to',
  caller: true,
  query: {
    postId: { ...id, required: true },
    filename: { schema: filenameSchema, required: true },
    filetype: { schema: filetypeSchema, required: true },
    size: { schema: sizeSchema, description: 'Bytes: signed, so that no other length can be sent.' },
  },
  answers: { 200: { description: 'Where the photo goes, by PUT.', schema: uploadSchema } },
  errors: [400, 401, 404, 413, 415, 422, 429],
};

const descriptions: Readonly<Record<string, Description>> = {
  'POST /posts': {
    summary: 'Write a post',
    description: 'The body has at most 64 KiB.',
    caller: true,
    body: draftSchema,
    answers: {
      201: {
        description: 'The new post, and what the database said.',
        schema: createdSchema,
        headers: { Location: 'The path of the post.' },
      },
    },
    errors: [400, 401, 413, 422, 429],
  },
  'GET /posts': {
    summary: 'Posts, newest first',
    description:
      'All of them, or with a limit one page, which has an ETag. A moment behind; with a user, always current. With a label always ' +
      'a page, of 20 without a limit: it is short, and the Link goes on, where many posts in a row have lost the label.',
    tagged: true,
    query: {
      user,
      id_user: { ...user, description: 'The same by another name: one of them at a time.' },
      label: {
        schema: labelSchema,
        description: "Posts with this label, whatever its case; not beside a user's.",
      },
      limit: { schema: limitSchema, description: 'Posts a page has at most.' },
      cursor: { schema: v.string(), description: 'Of the next page: taken from the Link header.' },
    },
    answers: {
      200: {
        description: 'The posts.',
        schema: postsSchema,
        headers: { Link: 'The next page, when there is one: `<URL>; rel="next"`.' },
      },
    },
    errors: [400, 422],
  },
  'GET /labels': {
    summary: 'Labels of posts, by their names',
    description: 'Up to ten seconds behind. A post that has lost a label may be counted still.',
    query: {
      prefix: { schema: prefixSchema, description: 'How they begin, whatever the case.' },
      limit: { schema: labelsLimitSchema, description: 'How many at most; 10 without it.' },
    },
    answers: { 200: { description: 'The labels.', schema: labelsSchema } },
    errors: [400, 422],
  },
  'GET /posts/:id': {
    summary: 'One post',
    description: 'A moment behind.',
    tagged: true,
    params: { id },
    answers: { 200: { description: 'The post.', schema: postSchema } },
    errors: [400, 404, 422],
  },
  'GET /posts/:id/image': {
    summary: 'The way to the photo of a post',
    description: 'An address that stays: what it leads to is signed, at most 1280 pixels wide, and WebP.',
    params: { id },
    answers: {
      302: {
        description: 'The photo is there.',
        headers: { Location: 'Presigned URL of a rendition of the photo.' },
      },
    },
    errors: [400, 404, 422],
  },
  'PATCH /posts/:id': {
    summary: "Change one's own post",
    description:
      'What is not sent stays. An empty `alt` takes it away. `labels` are those of the photo that the post shows; another photo ' +
      'brings its own.',
    caller: true,
    params: { id },
    body: changeSchema,
    answers: { 200: { description: 'The post as it is now.', schema: postSchema } },
    errors: [400, 401, 404, 409, 413, 422, 429],
  },
  'DELETE /posts/:id': {
    summary: "Delete one's own post and its photos",
    caller: true,
    params: { id },
    answers: {
      200: { description: 'The post that was, and what the database said.', schema: deletedSchema },
    },
    errors: [400, 401, 404, 422],
  },
  'DELETE /posts/:id/image': {
    summary: "Take the photo off one's own post",
    description:
      'With its labels and its error, and with every photo that a URL was given out for. A post without a photo stays as it is.',
    caller: true,
    params: { id },
    answers: {
      200: { description: 'The post that was, and what the database said.', schema: deletedSchema },
    },
    errors: [400, 401, 404, 422],
  },
  'GET /signedUrlPut': signUpload,
  'GET /getSignedUrlPut': { ...signUpload, summary: 'Another name of /signedUrlPut' },
  'GET /config': {
    summary: 'How one signs in',
    answers: { 200: { description: 'By name, or at an issuer.', schema: signInSchema } },
  },
  'GET /health': {
    summary: 'Whether requests should come here',
    answers: {
      200: { description: 'They should.', schema: v.object({ status: v.literal('ok') }) },
      503: {
        description: 'The server is about to end.',
        schema: v.object({ status: v.literal('draining') }),
      },
    },
  },
  'GET /openapi.json': {
    summary: 'This document',
    tagged: true,
    answers: { 200: { description: 'OpenAPI 3.1.', schema: v.looseObject({ openapi: v.string() }) } },
  },
};

/**
 * The OpenAPI document of Postagram.
 * @param verified whether callers prove their name by a token
 */
export function describePosts(routes: Routes, { verified }: { verified: boolean }) {
  const security: ApiInfo['security'] = verified
    ? { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An ID token.' }
    : { type: 'apiKey', in: 'header', name: 'authorization', description: 'The name of the user, as it is.' };
  return describe(routes, descriptions, {
    title: 'Postagram',
    version: '0.1.0',
    description: 'Posts with photos, and the labels of what is on them.',
    security,
    schemas: { Post: postSchema, Draft: draftSchema, Change: changeSchema, Upload: uploadSchema },
  });
}
