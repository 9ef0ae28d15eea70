import { styleText } from 'node:util';
import { fieldsOf, textOf } from '../deploy/terminal/log-line.ts';
import type { Terminal } from '../deploy/terminal/terminal.ts';

/** By itself plain text where NO_COLOR is set or the terminal has no colours. */
const styled: Terminal['paint'] = (style, text) => styleText(style, text);

/** Where the server listens is what the welcome says. */
const SAID_ELSEWHERE = 'listening';

/**
 * Makes lines that a person reads of the JSON that the server, the labeler and services write to a terminal; everything
 * else is left as it is. In colours, unless NO_COLOR is set.
 */
export function makeLogReadable(stdout: NodeJS.WriteStream): void {
  const write = stdout.write.bind(stdout);

  type Done = (error?: Error | null) => void;
  stdout.write = (chunk: string | Uint8Array, second?: BufferEncoding | Done, done?: Done) => {
    const text = typeof chunk === 'string' ? readable(chunk, styled) : chunk;
    return typeof second === 'function' ? write(text, second) : write(text, second, done);
  };
}

/**
 * What is written, with each line of a log as one for a person: local time, then what happened; of an error where it
 * came from too.
 * @param text one line or several
 */
export function readable(text: string, paint: Terminal['paint']): string {
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      const fields = fieldsOf(line);
      if (!fields) return line;
      return fields.msg === SAID_ELSEWHERE ? '' : `${logLine(fields, paint)}\n`;
    })
    .join('');
}

function logLine(fields: Readonly<Record<string, unknown>>, paint: Terminal['paint']): string {
  const { time, id, ...rest } = fields;
  const at = new Date(typeof time === 'number' ? time : Date.now());
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()];
  const start = paint('dim', clock.map((part) => String(part).padStart(2, '0')).join(':'));
  // A request's id leads to the line of its failure, when there is one.
  const told = fields.method === undefined || fields.error !== undefined ? { id, ...rest } : rest;
  return `${start} ${textOf(printable(told), paint)}${framesOf(fields.err, paint)}`;
}

/** Without what would move the cursor or change the colours of a terminal. */
function printable<T>(fields: T): T {
  // What JSON could hold before it can hold after.
  return JSON.parse(JSON.stringify(fields), (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll(/\p{Cc}+/gu, ' ') : value,
  ) as T;
}

/** The frames of an error's stack, a line each. */
function framesOf(err: unknown, paint: Terminal['paint']): string {
  if (typeof err !== 'object' || err === null || !('stack' in err) || typeof err.stack !== 'string')
    return '';
  const frames = err.stack.match(/^ +at .*$/gm) ?? [];
  return frames.map((frame) => `\n${paint('dim', printable(frame))}`).join('');
}
