import type { Terminal } from './terminal.ts';

interface LogEvent {
  /** ms since 1970. */
  timestamp?: number | undefined;
  /** Such as `server` or `labeler`. */
  source: string;
  /** The instance, or Lambda's own name for a process of the function. */
  logStreamName?: string | undefined;
  message?: string | undefined;
}

/** Levels of pino: https://github.com/pinojs/pino/blob/main/docs/api.md#loggerlevel-string-gettersetter */
const warning = 40;
const error = 50;

/** Fields that have a place of their own on the line, or say nothing to a person. */
const placed = new Set(['level', 'time', 'msg', 'method', 'path', 'route', 'status', 'ms', 'err']);

/** Lambda writes this around every call: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html */
const lambdaPrefix = /^\S+Z\t[0-9a-f-]{36}\t[A-Z]+\t/;

/**
 * An event of a log as a line for a person: time, source, instance, what happened, and the rest as `name=value`.
 * What is no JSON object stands there as it is.
 */
export function logLine(
  { timestamp, source, logStreamName = '', message = '' }: LogEvent,
  paint: Terminal['paint'],
) {
  const time = new Date(timestamp ?? 0).toISOString().slice(11, 23);
  const stream = shortStream(logStreamName);
  const start = `${paint('dim', time)} ${paint('cyan', stream ? `${source} ${stream}` : source)}`;
  const text = message.trimEnd().replace(lambdaPrefix, '');
  const fields = fieldsOf(text);
  return `${start} ${fields ? textOf(fields, paint) : text}`;
}

/**
 * What a line of a log tells a person: what happened, and the rest as `name=value`.
 * @param fields of a line in JSON
 */
export function textOf(fields: Readonly<Record<string, unknown>>, paint: Terminal['paint']): string {
  const { level, msg, method, path, route, status, ms, err } = fields;
  const call = method === undefined ? [] : [String(method), String(path ?? route ?? '(no route)')];
  const parts = [
    ...call,
    ...(status === undefined ? [] : [String(status)]),
    ...(ms === undefined ? [] : [`${String(ms)} ms`]),
    ...(msg === undefined ? [] : [String(msg)]),
    ...Object.entries(fields)
      .filter(([name]) => !placed.has(name))
      .map(([name, value]) =>
        paint('dim', `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`),
      ),
    ...(err === undefined ? [] : [errorText(err)]),
  ];
  const line = parts.join(' ');
  const severity = typeof level === 'number' ? level : 0;
  if (severity >= error || Number(status) >= 500) return paint('red', line);
  return severity >= warning ? paint('yellow', line) : line;
}

/** `2026/11/24/[$LATEST]0123456789abcdef` is a process of a function: its last six digits tell it from others. */
function shortStream(name: string): string {
  return /\[.*\]/.test(name) ? name.slice(-6) : name;
}

/** An error without its stack; causes after it. */
function errorText(err: unknown): string {
  if (typeof err !== 'object' || err === null) return String(err);
  const { name, message, cause } = err as Record<string, unknown>;
  const own = `${String(name ?? 'Error')}: ${String(message ?? '')}`;
  return cause === undefined ? own : `${own}, because ${errorText(cause)}`;
}

/** A line in JSON; undefined for one that is anything else. */
export function fieldsOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    // What starts with a brace and is JSON is an object.
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** `90s`, `10m`, `2h` or `3d` in ms; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,4})([smhd])$/.exec(text) ?? [];
  const seconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
  const each = seconds[unit];
  return each === undefined ? undefined : Number(count) * each * 1000;
}
