/**
 * A process of its own that PUTs an object into the data folder it is given, and is killed with SIGKILL at the moment
 * it is given: `between` event and object, or `after` both, before anybody is told.
 */
import { Readable } from 'node:stream';
import { objectCreatedEvent, openEventQueue } from '../../local/events/events.ts';
import { openObjectStore } from '../../local/s3/objects.ts';

const [dataDir = '', moment = ''] = process.argv.slice(2);
const store = await openObjectStore(dataDir);
const events = await openEventQueue(dataDir, () => undefined);

const dieAt = async (now: string) => {
  if (now !== moment) return;
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
};

await store.put(
  'k',
  Readable.from([Buffer.from('a photo')]),
  {},
  () => undefined,
  (info, commit) => {
    const body = objectCreatedEvent(info, 'bucket', 'region', 'request');
    return events.add({ name: info.sequencer, body }, async () => {
      await dieAt('between');
      await commit();
      await dieAt('after');
    });
  },
);
