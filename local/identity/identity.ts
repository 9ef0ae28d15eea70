import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { errors } from 'oidc-provider';
import { FriendlyError } from '../settings.ts';
import { AccountProblem, openAccounts, READY, READY_PASSWORD } from './accounts.ts';
import { asOpenId, signOut } from './cognito.ts';
import { messagePage, PAGE_HEADERS, signInPage } from './pages.ts';
import { CLIENT_ID, createProvider } from './provider.ts';

/** Bytes of a form with name and password. */
const MAX_FORM = 8 * 1024;

/**
 * Sign-in on a laptop, as Cognito's: an OpenID Connect provider with pages to sign in and up. It listens on this machine
 * alone.
 * @param options.port 0 is any free one
 * @returns `env`: what makes a server take its tokens
 * @throws FriendlyError when the port is taken
 */
export async function startIdentity({ dataDir, port = 0 }: { dataDir: string; port?: number }) {
  const accounts = await openAccounts(dataDir);
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((cause: unknown) => {
    const message = `Port ${port} of the sign-in is taken. Choose another: ACCOUNTS_PORT=8091`;
    throw new FriendlyError(message, { cause });
  });
  // A server that listens on TCP has an AddressInfo.
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const provider = await createProvider(issuer, accounts, dataDir);
  const openId = provider.callback();

  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      // The library says so of a form whose time is over, or whose cookie is not there.
      const gone = error instanceof errors.SessionNotFound;
      const problem = gone
        ? 'This page is out of date: go back to the site and sign in again.'
        : 'Something went wrong here.';
      if (!gone) process.stderr.write(`Sign-in: ${String(error)}\n`);
      if (response.headersSent) response.destroy();
      else show(response, gone ? 400 : 500, messagePage(problem));
    });
  });

  return {
    issuer,
    /** @param url where the site is */
    welcome: (url: string) => `
Postagram is at ${url}, and wants its users to sign in at ${issuer} (data in ${dataDir}, Ctrl-C stops it). Ready are:

${READY.map(({ name, groups }) => `  ${name.padEnd(6)} ${groups[0] ?? 'customer'}`).join('\n')}

each with the password ${READY_PASSWORD}. What they sign in with is for this machine alone.
`,
    env: { IDENTITY: 'jwt', JWT_ISSUER: issuer, JWT_AUDIENCE: CLIENT_ID },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '/', method } = request;
    if (url.startsWith('/login/')) return interact(request, response);
    if (method === 'GET' && url.startsWith('/logout?')) {
      const problem = await signOut(provider, request, response);
      if (problem !== undefined) show(response, 400, messagePage(problem));
      return;
    }
    if (method === 'GET') request.url = asOpenId(url);
    await openId(request, response);
  }

  /** The form, and what it sends. */
  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await provider.interactionDetails(request, response);
    if (request.method !== 'POST') {
      const isNew = request.url?.endsWith('?new') ?? false;
      return show(response, 200, signInPage({ isNew, name: '' }));
    }
    let form = new URLSearchParams();
    try {
      form = new URLSearchParams(await text(bounded(request)));
      const [name, password] = [form.get('username') ?? '', form.get('password') ?? ''];
      const account = form.has('new')
        ? await accounts.signUp(name, password)
        : await accounts.check(name, password);
      if (!account) throw new AccountProblem('Name and password do not belong together.');
      const login = { accountId: account.sub, remember: true };
      await provider.interactionFinished(request, response, { login });
    } catch (error) {
      if (!(error instanceof AccountProblem)) throw error;
      const typed = { isNew: form.has('new'), name: form.get('username') ?? '' };
      show(response, 422, signInPage({ ...typed, problem: error.message }));
    }
  }
}

async function* bounded(body: AsyncIterable<Buffer>) {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_FORM) throw new AccountProblem('That is too long.');
    yield chunk;
  }
}

function show(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, PAGE_HEADERS).end(page);
}
