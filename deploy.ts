// From a checkout and AWS credentials to a working site: `npx tsx deploy.ts --help`.
import { explain } from './deploy/cloudformation/failure.ts';
import { findSystem } from './deploy/find-system.ts';
import { help } from './deploy/terminal/help.ts';
import { readOptions, serviceOf } from './deploy/terminal/options.ts';
import type { Options } from './deploy/terminal/options.ts';
import { createTerminal } from './deploy/terminal/terminal.ts';
import { requireRekognition } from './deploy/regions.ts';
import type { System } from './deploy/system.ts';

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
  const args = process.argv.slice(2);
  const system = await findSystem(serviceOf(args));
  const options = readOptions(args, system.flags);
  if (options.help) process.stdout.write(help(system));
  else await run(system, options);
} catch (error) {
  terminal.failure(explain(error));
  process.exitCode = 1;
}

/** The SDK, the compiler and the validator are loaded by the commands that need them: --help and a wrong flag answer at once. */
async function run(system: System, options: Options): Promise<void> {
  const { command, region } = options;
  if (region && system.labels) requireRekognition(region);
  const open = async () => {
    const { openSession } = await import('./deploy/commands/session.ts');
    return openSession(root, terminal, system, region, (message) => (whenInterrupted = message));
  };
  if (command === 'up' || command === 'diff') {
    const dryRun = options['dry-run'];
    const { buildProduct } = await import('./deploy/build/product.ts');
    const product = await buildProduct(system, { root, terminal, webapp: dryRun ? 'as it is' : 'build' });
    const { diff, plan } = await import('./deploy/commands/diff.ts');
    if (dryRun) return plan(terminal, options, product);
    if (command === 'diff') return diff(await open(), options, product);
    const { up } = await import('./deploy/commands/up.ts');
    return up(await open(), options, product);
  }
  if (command === 'policy') {
    const { policy } = await import('./deploy/commands/policy.ts');
    return policy(terminal, root, options, system);
  }
  if (command === 'outputs') {
    const { outputs } = await import('./deploy/commands/outputs.ts');
    return outputs(await open(), options, system);
  }
  if (command === 'logs' || command === 'relabel') {
    const { showLogs, relabelStage } = await import('./deploy/commands/operate.ts');
    return command === 'logs'
      ? showLogs(await open(), options, system)
      : relabelStage(await open(), options, system);
  }
  const { down } = await import('./deploy/commands/down.ts');
  return down(await open(), options, system);
}
