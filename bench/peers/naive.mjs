/** The assignment on node:http alone, without a thought for speed. */
import { createServer } from 'node:http';
import { allPosts, createPost, postsOf, signedUrlPut } from './aws.mjs';

const server = createServer(async (request, response) => {
  try {
    const { status, data } = await route(request);
    response.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*' });
    response.end(JSON.stringify(data));
  } catch (error) {
    console.error(error);
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: 'Internal server error' }));
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');

async function route(request) {
  const url = new URL(request.url, 'http://localhost');
  const user = request.headers.authorization;
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /health':
      return { status: 200, data: { status: 'ok' } };
    case 'POST /posts':
      return { status: 201, data: await createPost(user, JSON.parse(await bodyOf(request))) };
    case 'GET /posts': {
      const author = url.searchParams.get('user');
      return { status: 200, data: author ? await postsOf(author) : await allPosts() };
    }
    case 'GET /signedUrlPut':
      return { status: 200, data: await signedUrlPut(user, Object.fromEntries(url.searchParams)) };
    default:
      return { status: 404, data: { message: 'Not found' } };
  }
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
