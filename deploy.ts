// From a checkout and AWS credentials to a working site: `npx tsx deploy.ts --help`.
import { explain } from './deploy/cloudformation/failure.ts';
import { help } from './deploy/terminal/help.ts';
import { readOptions } from './deploy/terminal/options.ts';
import type { Options } from './deploy/terminal/options.ts';
import { createTerminal } from './deploy/terminal/terminal.ts';
import { requireRekognition } from './deploy/regions.ts';

// The pinned versions of the SDK run on Node 20; its advice to upgrade would stand above everything else.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const root = import.meta.dirname;
const terminal = createTerminal(process.stdout, process.stdin);
let whenInterrupted = 'Nothing was changed.';

// Every step can be left at any point: the next run finds out where things stand.
process.once('SIGINT', () => {
  terminal.interrupted(whenInterrupted);
  process.exit(130);
});

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(help);
  else await run(options);
} catch (error) {
  terminal.failure(explain(error));
  process.exitCode = 1;
}

/** The SDK, the compiler and the validator are loaded by the commands that need them: --help and a wrong flag answer at once. */
async function run(options: Options): Promise<void> {
  if (options.region) requireRekognition(options.region);
  const { command } = options;
  const dryRun = options['dry-run'];
  const builds = command === 'up' || command === 'diff';
  const { up, diff, plan, outputs } = await import('./deploy/commands/up.ts');
  const open = async () => {
    const { openSession } = await import('./deploy/session.ts');
    return openSession(root, terminal, options.region, (message) => (whenInterrupted = message));
  };
  if (builds) {
    const { buildProduct } = await import('./deploy/build/product.ts');
    const product = await buildProduct(root, terminal, dryRun ? 'as it is' : 'build');
    if (dryRun) return plan(terminal, options, product);
    return command === 'up' ? up(await open(), options, product) : diff(await open(), options, product);
  }
  if (command === 'outputs') return outputs(await open(), options);
  if (command === 'logs' || command === 'relabel') {
    const { showLogs, relabelStage } = await import('./deploy/commands/operate.ts');
    return command === 'logs' ? showLogs(await open(), options) : relabelStage(await open(), options);
  }
  const [{ down }, { DynamoDBClient }] = await Promise.all([
    import('./deploy/commands/down.ts'),
    import('@aws-sdk/client-dynamodb'),
  ]);
  const session = await open();
  return down(session, options, new DynamoDBClient({ region: session.region }));
}
