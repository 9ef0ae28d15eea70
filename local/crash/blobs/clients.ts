import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';

/** Between two blobs of one client, milliseconds: the label network takes more than 100 for each. */
const PAUSE_MS = 500;
/** Before a call that was cut off or refused is made again, milliseconds. */
const AGAIN_MS = 100;
/** A call that takes longer counts as cut off, milliseconds. */
const CALL_MS = 30_000;

/** What clients were told of a blob. */
export type Blob = {
  id: string;
  /** Key of its image in the bucket. */
  key: string;
  /** PUTs that were sent: one that was cut off may have arrived, and each has a callback. */
  puts: number;
  /** Time of performance.now() at which its DELETE was answered. */
  deletedAt?: number;
};

const createdSchema = v.object({ body: v.object({ id: v.string(), upload_url: v.string() }) });

/** Clients of the service that ask again until they are answered. @param receiver where callbacks go */
export function createClients(world: { url: string; receiver: string; image: Buffer }) {
  const blobs: Blob[] = [];
  let cut = 0;

  return {
    /** Those whose image was acknowledged. */
    blobs,
    /** Calls that were cut off or refused. */
    cut: () => cut,

    /** One client: makes blobs and uploads their images, one after another. @param goOn asked before each */
    async upload(goOn: () => boolean, uploaded: (blob: Blob) => Promise<void>): Promise<void> {
      while (goOn()) {
        const json = await until(() =>
          call('POST', `${world.url}/blobs`, JSON.stringify({ callback_url: world.receiver })),
        );
        const { id, upload_url } = v.parse(createdSchema, JSON.parse(json)).body;
        const blob: Blob = { id, key: /blobs\/[^?]*/.exec(upload_url)?.[0] ?? '', puts: 0 };
        await until(() => {
          blob.puts++;
          return call('PUT', upload_url, world.image);
        });
        blobs.push(blob);
        await uploaded(blob);
        await sleep(PAUSE_MS);
      }
    },

    async remove(blob: Blob): Promise<void> {
      await until(() => call('DELETE', `${world.url}/blobs/${blob.id}`, undefined, [404]));
      blob.deletedAt = performance.now();
    },
  };

  async function until(once: () => Promise<string | undefined>): Promise<string> {
    for (;;) {
      const answer = await once();
      if (answer !== undefined) return answer;
      cut++;
      await sleep(AGAIN_MS);
    }
  }
}

/** @returns undefined when no whole answer came, or an error */
async function call(
  method: string,
  url: string,
  body?: string | Buffer,
  fine: readonly number[] = [],
): Promise<string | undefined> {
  try {
    const init = { method, signal: AbortSignal.timeout(CALL_MS), ...(body !== undefined && { body }) };
    const response = await fetch(url, init);
    const text = await response.text();
    return response.ok || fine.includes(response.status) ? text : undefined;
  } catch {
    return undefined;
  }
}
