/** The assignment on Express. */
import cors from 'cors';
import express from 'express';
import { allPosts, createPost, postsOf, signedUrlPut } from './aws.mjs';

const app = express();
app.use(cors());
app.use(express.json());

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' });
});

app.post('/posts', async (request, response) => {
  response.status(201).json(await createPost(request.headers.authorization, request.body));
});

app.get('/posts', async ({ query }, response) => {
  response.json(query.user ? await postsOf(query.user) : await allPosts());
});

app.get('/signedUrlPut', async ({ headers, query }, response) => {
  response.json(await signedUrlPut(headers.authorization, query));
});

app.listen(Number(process.env.PORT), '127.0.0.1');
