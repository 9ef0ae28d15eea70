import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { Call, Reply, Routes } from './http/call.ts';
import { createPages } from './pages/pages.ts';

type SiteOptions = {
  root: string;
  uploadOrigin: string;
  photoOrigin: string;
  signInOrigins?: readonly string[];
  routes?: Routes;
  publicUrl?: string | undefined;
};
type Encoding = (typeof ENCODINGS)[number]['name'];
type File = { path: string; headers: Record<string, string>; tag: string; bytes: Map<Encoding, Buffer> };

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** In the order of preference; the build leaves a file of that ending beside each text. */
const ENCODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
  { name: 'identity', ending: '' },
] as const;

/** Bytes the whole build may have: it is kept in memory. Ours has 1 MB with its compressed forms. */
const MAX_SITE = 32 * 1024 * 1024;

/** Paths that are the API's, whatever they end in: never a page. */
const API = /^\/(posts|labels|signedUrlPut|getSignedUrlPut|config|health)(\/|$)/;

/** Screens that a link may lead to from elsewhere. */
const SHARED = /^\/[pu]\/[^/]+\/?$/;

const TAKES_PAGES = /text\/html|\*\/\*/;

const MISSING: Reply = {
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  body: Buffer.from(
    'The web app is not built. Run: npm run build -w webapp\nThe API is at /posts all the same.\n',
  ),
};

/**
 * Serves the built web app. The folder is read once, here, and kept in memory.
 * @param options.root folder of the build; where there is none, `GET /` says so
 * @param options.uploadOrigin origin of the bucket that the page sends photos to
 * @param options.photoOrigin origin of the bucket that it loads them from
 * @param options.signInOrigins what else it may talk to, to sign its user in
 * @param options.routes of the API: with `GET /posts` and `GET /posts/:id` pages have in them what they show
 * @param options.publicUrl origin of the site, as links that leave it say it; without it they say none
 * @returns the answer to a GET or HEAD, undefined when the path is not the site's
 * @throws Error when the folder is larger than 32 MiB
 */
export function createSite(options: SiteOptions) {
  const { root, uploadOrigin, photoOrigin, signInOrigins = [], routes = {}, publicUrl } = options;
  const files = readSite(root, policy(photoOrigin, [uploadOrigin, ...signInOrigins]));
  const page = files.get('/index.html');

  const html = page?.bytes.get('identity')?.toString();
  const pages = html === undefined ? undefined : createPages({ html, routes, publicUrl });

  return async (call: Call): Promise<Reply | undefined> => {
    const { path, headers } = call;
    const file = path === '/' ? page : files.get(path);
    if (file && file !== page) return answer(file, headers);
    // What is shown at these is read by other programs, too: they say that they take anything, or do not say.
    const isShared = SHARED.test(path) && TAKES_PAGES.test(headers.accept ?? '*/*');
    if (page && (path === '/' || isShared)) {
      const filled = await pages?.(call);
      if (filled) return { ...filled, headers: { ...page.headers, ...filled.headers }, file: page.path };
      return answer(page, headers);
    }
    if (file) return answer(file, headers);
    if (path === '/') return MISSING;
    // The app's own addresses, such as /new, are all the one page; a missing asset is not.
    const isScreen = !API.test(path) && extname(path) === '' && headers.accept?.includes('text/html');
    return isScreen && page ? answer(page, headers) : undefined;
  };
}

function answer(file: File, headers: Call['headers']): Reply {
  const encoding = chooseEncoding(file, headers['accept-encoding'] ?? '');
  // One tag for each form: they are different bytes.
  const etag = `"${file.tag}-${encoding}"`;
  const known = headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  if (known) return { status: 304, headers: { ...file.headers, etag }, file: file.path };
  return {
    file: file.path,
    headers: { ...file.headers, etag, ...(encoding !== 'identity' && { 'content-encoding': encoding }) },
    body: file.bytes.get(encoding),
  };
}

function chooseEncoding(file: File, accepted: string): Encoding {
  const wanted = new Set(
    accepted
      .split(',')
      .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
      .map((part) => part.split(';')[0]?.trim()),
  );
  const found = ENCODINGS.find(({ name }) => wanted.has(name) && file.bytes.has(name));
  return found?.name ?? 'identity';
}

function readSite(root: string, pagePolicy: string): Map<string, File> {
  const files = new Map<string, File>();
  const paths = listFiles(root);
  const total = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  if (total > MAX_SITE) throw new Error(`${root} holds ${total} bytes: the site may have ${MAX_SITE}.`);
  const names = new Set(paths);
  for (const path of paths) {
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const bytes = new Map(
      ENCODINGS.filter(({ ending }) => names.has(path + ending)).map(({ name, ending }) => [
        name,
        readFileSync(path + ending),
      ]),
    );
    const url = `/${relative(root, path).split(sep).join('/')}`;
    const tag = createHash('sha256').update(readFileSync(path)).digest('base64url').slice(0, 22);
    files.set(url, { path: url, tag, bytes, headers: headersOf(url, type, pagePolicy) });
  }
  return files;
}

/** Visible files, none where there is no folder. */
function listFiles(root: string): string[] {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function headersOf(url: string, type: string, pagePolicy: string): Record<string, string> {
  return {
    'content-type': type,
    // The build puts a hash of the content into the names of its assets.
    'cache-control': url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'Accept-Encoding',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(type.startsWith('text/html') && {
      'content-security-policy': pagePolicy,
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    }),
  };
}

/**
 * What the page may load. Nothing here needs a certificate: upgrade-insecure-requests, HSTS and
 * Cross-Origin-Opener-Policy would break, or complain on, a site on plain HTTP.
 */
function policy(photoOrigin: string, talkedTo: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    // blob: is a photo before it is sent.
    `img-src 'self' blob: ${photoOrigin}`,
    `connect-src ${["'self'", ...talkedTo].join(' ')}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
