import { connect } from 'node:net';

/** An answer as it came over the socket. */
export type RawAnswer = { status: number; headers: Headers; text: string };

/** What came of a conversation over one connection. */
export type Talk = {
  answers: RawAnswer[];
  /** How many answers said `100 Continue`. */
  continues: number;
  /** Whether the server closed the connection before the time was over. */
  closed: boolean;
  /** What followed the last whole answer: part of one, or what is none. */
  rest: string;
};

/**
 * Sends bytes as they are, and reads until the server closes the connection.
 * @param parts written one after the other, a turn of the event loop apart, or when they are there
 * @param options.heads whether HEAD may be among the requests, whose answers have a length and no body
 * @param options.end closes our half afterwards; `cut` closes the connection
 * @param options.seconds how long, before the connection counts as one that hangs
 */
export function talk(
  url: string,
  parts: readonly (string | Promise<string>)[],
  options: {
    heads?: boolean;
    end?: 'half' | 'cut';
    /** How long we wait before we close our half, in ms. */
    quiet?: number;
    seconds?: number;
  } = {},
): Promise<Talk> {
  const { heads = false, end, quiet = 0, seconds = 60 } = options;
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ port: Number(port || 80), host: hostname, allowHalfOpen: true });
    let received = Buffer.alloc(0);
    let ended = false;
    const done = (closed: boolean) => {
      if (ended) return;
      ended = true;
      clearTimeout(hangs);
      socket.destroy();
      resolve({ ...parseAnswers(received, heads), closed });
    };
    const hangs = setTimeout(() => done(false), seconds * 1000);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
    });
    socket.on('end', () => done(true));
    socket.on('close', () => done(true));
    // The server may close while we write: what it said before is what counts.
    socket.on('error', () => {});
    socket.on('connect', () => {
      const left = [...parts];
      const next = async () => {
        const part = await left.shift();
        if (part !== undefined) socket.write(part, 'latin1', () => setImmediate(() => void next()));
        else if (end === 'half') setTimeout(() => socket.end(), quiet);
        else if (end === 'cut') done(true);
      };
      void next();
    });
  });
}

/** Reads answers one after the other, as a client that trusts their lengths does. */
export function parseAnswers(bytes: Buffer, heads = false): Omit<Talk, 'closed'> {
  const answers: RawAnswer[] = [];
  let at = 0;
  let continues = 0;
  for (;;) {
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd < 0) break;
    const [first = '', ...lines] = bytes.toString('latin1', at, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})( |$)/.exec(first)?.[1]);
    if (!status) break;
    const headers = new Headers(lines.map((line) => splitHeader(line)));
    const bodyAt = headEnd + 4;
    if (status < 200) {
      continues += 1;
      at = bodyAt;
      continue;
    }
    // No body of ours begins as an answer does.
    const toHead =
      heads && (bodyAt === bytes.length || bytes.toString('latin1', bodyAt, bodyAt + 7) === 'HTTP/1.');
    const empty = status === 204 || status === 304 || toHead;
    const body = empty ? { end: bodyAt, text: '' } : readBody(bytes, bodyAt, headers);
    if (!body) break;
    answers.push({ status, headers, text: body.text });
    at = body.end;
  }
  return { answers, continues, rest: bytes.toString('latin1', at) };
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

/** @returns undefined when it is not whole */
function readBody(bytes: Buffer, at: number, headers: Headers): { end: number; text: string } | undefined {
  if (headers.get('transfer-encoding') !== 'chunked') {
    const end = at + Number(headers.get('content-length') ?? 0);
    return end > bytes.length ? undefined : { end, text: bytes.toString('utf8', at, end) };
  }
  let from = at;
  const chunks: Buffer[] = [];
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', from);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.toString('latin1', from, lineEnd), 16);
    const end = lineEnd + 2 + length;
    if (!(end + 2 <= bytes.length)) return undefined;
    if (length === 0) return { end: end + 2, text: Buffer.concat(chunks).toString() };
    chunks.push(bytes.subarray(lineEnd + 2, end));
    from = end + 2;
  }
}
