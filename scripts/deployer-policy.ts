// Takes what each resource type needs from AWS's own schemas into deploy/policy/handlers.json:
//   bash test/cloud/run.sh (makes .cache/venv, with cfn-lint and its schemas), then: npx tsx scripts/deployer-policy.ts
// `npx tsx deploy.ts policy` makes the policy from that file; test/cloud/policy.test.ts compares it with the schemas.
import { writeFile } from 'node:fs/promises';
import { readHandlers } from '../deploy/policy/schemas.ts';

const handlers = await readHandlers();
const lines = Object.entries(handlers).map(([type, actions]) => `  "${type}": ${JSON.stringify(actions)}`);
await writeFile(new URL('../deploy/policy/handlers.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
console.log(`${lines.length} types written to deploy/policy/handlers.json`);
