import { doesNotMatch, match } from 'node:assert/strict';
import { test } from 'node:test';

import { parameterSets } from './parameter-sets.ts';
import { userDataScript } from './user-data-script.ts';

for (const [given, parameters] of Object.entries(parameterSets.server)) {
  const { Domain = '', CertificateArn = '' } = parameters;
  test(`${given}: the server is told where the site is by the site's own name, and by no other`, () => {
    const script = userDataScript(parameters);
    if (Domain === '') return doesNotMatch(script, /PUBLIC_URL/);
    const scheme = CertificateArn === '' ? 'http' : 'https';
    match(script, new RegExp(`^NODE_OPTIONS=.*\\nPUBLIC_URL=${scheme}://photos\\.example\\.org\\n`, 'm'));
  });
}
