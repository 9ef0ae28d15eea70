/** The results as text: one table, and what it was made on. */
import { cpus, totalmem } from 'node:os';
import { cases } from './cases.ts';
import type { Summary } from './measure.ts';

const columns = [
  'case',
  'server',
  'CPU µs',
  '÷ ours',
  'DB µs',
  'DB/s',
  'req/s',
  'p50 ms',
  'p99 ms',
  'RSS MiB',
];

/** A Markdown table: a row for each contender of each case. `÷ ours` is the contender's CPU over ours in the same round. */
export function asTable(results: Record<string, Record<string, Summary>>): string {
  const rows = Object.entries(results).flatMap(([name, contenders]) => [
    [name, `**${cases[name]?.title}**`, '', '', '', '', '', '', '', ''],
    ...Object.entries(contenders).map(([contender, summary]) => [
      '',
      contender,
      whole(summary.cpuUs),
      summary.ratio.toFixed(2),
      whole(summary.databaseCpuUs),
      summary.databaseCalls < 100 ? summary.databaseCalls.toFixed(1) : whole(summary.databaseCalls),
      whole(summary.rps),
      summary.p50Ms.toFixed(1),
      summary.p99Ms.toFixed(1),
      whole(summary.rssMiB),
    ]),
  ]);
  return markdown([columns, ...rows]);
}

/** What was measured once and without peers. */
export function asNumbers(results: Record<string, Record<string, number>>): string {
  const rows = Object.entries(results).flatMap(([name, numbers]) =>
    Object.entries(numbers).map(([what, value]) => [name, what, value.toFixed(value < 100 ? 1 : 0)]),
  );
  return markdown([['case', 'what', 'value'], ...rows]);
}

/** One line on the machine and its software. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} cores (${cpu?.model.trim()}), ${memory} GiB, Node ${process.version}, ${process.platform}`;
}

/** Rows as a Markdown table, the first two columns to the left and numbers to the right. */
export function markdown(rows: string[][]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...body.map(line)].join('\n');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
