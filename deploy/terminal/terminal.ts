import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';
import Table from 'cli-table3';
import yoctoSpinner from 'yocto-spinner';
import { DeployFailure } from '../cloudformation/failure.ts';

type Style = Parameters<typeof styleText>[0];
type Output = Writable & { isTTY?: boolean; hasColors?(): boolean };
export type Terminal = ReturnType<typeof createTerminal>;

/**
 * Where deploy.ts talks: lines, tables, one progress line and questions.
 * @param stdout colours are used, and the progress line moves, only when it is a terminal
 * @param stdin questions are asked only when this is a terminal as well
 */
export function createTerminal(stdout: Output, stdin: Readable & { isTTY?: boolean }) {
  const colours = Boolean(stdout.isTTY) && stdout.hasColors?.();
  const paint = (style: Style, text: string) => (colours ? styleText(style, text) : text);
  const line = (text = '') => void stdout.write(`${text}\n`);
  const interactive = Boolean(stdout.isTTY && stdin.isTTY);

  let shown: ReturnType<typeof yoctoSpinner> | undefined;

  async function ask(question: string): Promise<string> {
    const readline = createInterface({ input: stdin, output: stdout });
    // Without this, readline keeps Ctrl-C to itself and the question hangs.
    readline.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    try {
      return (await readline.question(question)).trim();
    } finally {
      readline.close();
    }
  }

  return {
    interactive,
    paint,
    line,
    heading: (text: string) => line(`\n${paint('bold', text)}`),

    /** Rows in columns, without borders. */
    table(rows: string[][]) {
      const blank = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' };
      const rest = {
        'bottom-left': '',
        'bottom-right': '',
        left: ' ',
        'left-mid': '',
        mid: '',
        'mid-mid': '',
      };
      const table = new Table({
        chars: { ...blank, ...rest, right: '', 'right-mid': '', middle: '  ' },
        style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
      });
      table.push(...rows);
      line(table.toString().replaceAll(/ +$/gm, ''));
    },

    /** A line that keeps changing while other lines are printed above it; without a terminal, nothing. */
    progress(start: string) {
      const spinner = yoctoSpinner({ text: start, stream: stdout, handleSignals: false });
      if (stdout.isTTY) shown = spinner.start();
      return {
        say(now: string) {
          if (stdout.isTTY) spinner.text = now;
        },
        stop: () => void spinner.stop(),
      };
    },

    /** @throws DeployFailure where nobody can answer */
    async confirm(question: string): Promise<boolean> {
      if (!interactive) {
        throw new DeployFailure(
          'There is no terminal to ask on: add --yes to go ahead',
          'Nothing was changed.',
        );
      }
      return /^y(es)?$/i.test(await ask(`${paint('bold', question)} [y/N] `));
    },

    /** @throws DeployFailure where nobody can answer */
    async type(question: string): Promise<string> {
      if (!interactive) {
        throw new DeployFailure(
          'There is no terminal to type the name of the stage on',
          'See --confirm-stage.',
        );
      }
      return ask(`${paint('bold', question)} `);
    },

    /** Gives the cursor back and says why the run ends here. */
    interrupted(why: string) {
      shown?.stop();
      line(`\nInterrupted. ${why}`);
    },

    /** What to do first, then what went wrong: last and boldest. */
    failure({ message, hint }: DeployFailure) {
      if (hint) process.stderr.write(`\n${hint}\n`);
      process.stderr.write(`\n${paint(['bold', 'red'], `✖ ${message}`)}\n`);
    },
  };
}
