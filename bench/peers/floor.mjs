/** The floor: node:http answering one constant, the bytes that another server gave (BODY_FILE) under STATUS. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const body = readFileSync(process.env.BODY_FILE);
const status = Number(process.env.STATUS);
const headers = { 'content-type': 'application/json', 'content-length': body.length };

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(request.url === '/health' ? 200 : status, headers);
  response.end(body);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
