/** The assignment on Fastify, with its own validation by schema. */
import cors from '@fastify/cors';
import Fastify from 'fastify';
import { allPosts, createPost, postsOf, signedUrlPut } from './aws.mjs';

const string = { type: 'string' };
const app = Fastify();
await app.register(cors);

app.get('/health', async () => ({ status: 'ok' }));

app.post(
  '/posts',
  {
    schema: {
      body: { type: 'object', required: ['title', 'body'], properties: { title: string, body: string } },
    },
  },
  async (request, reply) => {
    reply.status(201);
    return createPost(request.headers.authorization, request.body);
  },
);

app.get('/posts', async ({ query }) => (query.user ? postsOf(query.user) : allPosts()));

app.get(
  '/signedUrlPut',
  {
    schema: {
      querystring: {
        type: 'object',
        required: ['filename', 'filetype', 'postId'],
        properties: { filename: string, filetype: string, postId: string },
      },
    },
  },
  async ({ headers, query }) => signedUrlPut(headers.authorization, query),
);

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
