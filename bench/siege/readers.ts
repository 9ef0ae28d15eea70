/**
 * A process that opens connections, sends two requests for the whole list on each, and takes nothing of the answers, or
 * next to nothing: `readers.ts PORT COUNT`. On SIGTERM it says when they were closed.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Bytes that a reader takes a second: none, 1 KB in 25 s, 20 KB. */
const kinds = { nothing: 0, trickle: 41, slow: 20_000 } as const;
type Kind = keyof typeof kinds;
const order: Kind[] = ['nothing', 'trickle', 'nothing', 'slow'];

const [port, count] = process.argv.slice(2).map(Number);
if (!port || !count) throw new Error('readers.ts PORT COUNT');
const readers = Array.from({ length: count }, (_, i) => besiege(order[i % order.length] ?? 'nothing'));

process.once('SIGTERM', () => {
  for (const kind of ['nothing', 'trickle', 'slow']) {
    const mine = readers.filter((reader) => reader.kind === kind);
    const lives = mine.flatMap(({ opened, closed }) => (closed ? (closed - opened) / 1000 : []));
    const [first, last] = [Math.min(...lives).toFixed(1), Math.max(...lives).toFixed(1)];
    console.log(`${kind}: ${lives.length} of ${mine.length} closed, ${first} to ${last} s after they came`);
  }
  process.exit();
});

function besiege(kind: Kind) {
  const socket = connect(Number(port), '127.0.0.1').pause();
  const reader = { kind, opened: Date.now(), closed: 0 };
  socket.on('error', () => undefined).on('close', () => (reader.closed = Date.now()));
  socket.write('GET /posts HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2));
  void read(socket, kinds[kind]);
  return reader;
}

async function read(socket: Socket, bytesPerSecond: number): Promise<void> {
  while (!socket.destroyed) {
    if (bytesPerSecond > 0) socket.read(bytesPerSecond);
    await sleep(1000);
    // Whoever reads nothing sees an end by writing: an empty line, which servers pass over.
    socket.write('\r\n');
  }
}
