import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Ports that no kernel hands out by itself: those begin at 32,768 on Linux, at 49,152 elsewhere. */
const FIRST = 20_000;
const LAST = 31_999;
const BLOCK = 50;

let block: Promise<number[]> | undefined;

/**
 * A port on 127.0.0.1 for a program that cannot choose one itself. A port that is merely free may be somebody else's a
 * moment later, so a process takes a block of them, which is its own for as long as it listens on the first.
 */
export async function freePort(): Promise<number> {
  const ports = await (block ??= takeBlock());
  for (let left = ports.length; left > 0; left--) {
    const [port = 0] = ports.splice(0, 1);
    // To the end of the line: whoever gets it may have ended when its turn comes again.
    ports.push(port);
    const probe = await listen(port);
    if (!probe) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
  throw new Error(`All ${BLOCK - 1} ports are in use.`);
}

/** The block's other ports. */
async function takeBlock(): Promise<number[]> {
  for (let first = FIRST; first + BLOCK <= LAST; first += BLOCK) {
    const claim = await listen(first);
    if (!claim) continue;
    claim.unref();
    return Array.from({ length: BLOCK - 1 }, (_, i) => first + 1 + i);
  }
  throw new Error(`There is no block of ports left from ${FIRST} to ${LAST}.`);
}

/** Undefined when somebody else listens there. */
async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
