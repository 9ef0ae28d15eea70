/** What the labeler has logged in this process; undefined before it is imported. */
let kept: string[] | undefined;

/**
 * The handler of labeler.ts, which reads its environment when it is imported, as Lambda does: one test file is one process.
 * Its log stays out of the results of the tests, and is shown where one of the file has failed.
 */
export async function importLabeler() {
  keepLog();
  const { handler } = await import('../../labeler.ts');
  return handler;
}

function keepLog(): void {
  if (kept) return;
  const lines: string[] = [];
  kept = lines;
  const { log } = console;
  console.log = (...said: unknown[]) => {
    const [line] = said;
    // It writes one JSON object a line.
    if (typeof line === 'string' && line.startsWith('{')) lines.push(`${line}\n`);
    else log(...said);
  };
  process.once('exit', (code) => {
    if (code !== 0) process.stderr.write(`The labeler's log:\n${lines.join('')}`);
  });
}
