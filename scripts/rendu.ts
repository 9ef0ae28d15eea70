import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

// Makes the zip to hand in: exactly what is committed.
const ZIP = 'postagram-rendu.zip';

if (execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' }) !== '') {
  console.error(
    'Des fichiers ne sont pas committés : le zip contient ce qui est committé. Committez, puis recommencez.',
  );
  process.exit(1);
}
if (/^\|\s+\|\s+\|$/m.test(readFileSync('groupe.md', 'utf8'))) {
  console.warn('Attention : groupe.md est à compléter avec les membres du groupe.');
}
execFileSync('git', ['archive', '--format=zip', '--prefix=postagram/', `--output=${ZIP}`, 'HEAD']);
console.log(`${ZIP} (${Math.round(statSync(ZIP).size / 1024)} Kio) est prêt à être déposé.`);
