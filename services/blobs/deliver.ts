import { Webhook } from 'standardwebhooks';
import { describeError } from '../../src/runtime/log.ts';
import type { CallbackStore, Claimed, Due } from './callback-store.ts';
import { Refused } from './safe-post.ts';

/** Minutes between a try and the next; the last one from then on, until a day is over. */
const PAUSES = [1, 5, 15, 60, 180, 360];

type Parts = {
  callbacks: Pick<CallbackStore, 'claim' | 'delivered' | 'postpone' | 'bury'>;
  post: (
    url: string,
    message: { headers: Record<string, string>; body: string },
  ) => Promise<{ status: number; retryAfter: string | undefined }>;
  /** Each signs. */
  secrets: readonly string[];
  log: (fields: Record<string, unknown>) => void;
  now?: () => Date;
};

/** What a try came to: nothing to say when it was a success. */
type Failure = { problem: string; final?: true; retryAfter?: string | undefined };

export type Deliver = ReturnType<typeof createDeliver>;

/**
 * Makes what calls back, signed after Standard Webhooks (https://www.standardwebhooks.com): once for one that is due; what
 * fails is due again later. At least once: a process that dies between the receiver's answer and the note of it sends the
 * same `webhook-id` again.
 */
export function createDeliver({ callbacks, post, secrets, log, now = () => new Date() }: Parts) {
  const webhooks = secrets.map((secret) => new Webhook(secret));

  return async (due: Due): Promise<void> => {
    const claimed = await callbacks.claim(due, now());
    if (!claimed) return;
    const failure = await attempt(claimed);
    const { id, callback_tries: tries } = claimed;
    if (!failure) {
      await callbacks.delivered(claimed);
      return log({ id, tries, msg: 'called back' });
    }
    const { problem, final } = failure;
    const next = nextTry(tries, failure.retryAfter, now());
    const isOver = final ?? next > new Date(claimed.give_up);
    if (isOver) await callbacks.bury(claimed, now(), final ? problem : `given up after a day: ${problem}`);
    else await callbacks.postpone(claimed, next, problem);
    log({ id, tries, problem, msg: isOver ? 'callback given up' : 'callback to try again' });
  };

  async function attempt(claimed: Claimed): Promise<Failure | undefined> {
    const { id: blobId, callback_url: url, webhook_id: id, label_error: error } = claimed;
    const body = JSON.stringify(
      error === undefined
        ? { blobId, labels: claimed.found_labels ?? [] }
        : { blobId, rekognition_error: error },
    );
    // Of this try: receivers refuse what is five minutes old.
    const date = new Date();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(date.getTime() / 1000)),
      'webhook-signature': webhooks.map((webhook) => webhook.sign(id, date, body)).join(' '),
    };
    try {
      const { status, retryAfter } = await post(url, { headers, body });
      if (status >= 200 && status < 300) return undefined;
      if (status === 410) return { problem: 'the receiver answered 410: it wants no more', final: true };
      return { problem: `the receiver answered ${status}`, retryAfter };
    } catch (thrown) {
      // A name may lead elsewhere tomorrow: that too is tried again.
      const { code, name, message } = describeError(thrown);
      return { problem: thrown instanceof Refused ? message : `not reached: ${code ?? name}` };
    }
  }
}

/** @param retryAfter seconds or a date, as receivers send it; it makes a pause longer, never shorter */
function nextTry(tries: number, retryAfter: string | undefined, now: Date): Date {
  const pause = (PAUSES[Math.min(tries, PAUSES.length) - 1] ?? 0) * 60_000;
  const asked = /^\d{1,9}$/.test(retryAfter ?? '')
    ? now.getTime() + Number(retryAfter) * 1000
    : Date.parse(retryAfter ?? '');
  return new Date(Math.max(now.getTime() + pause, Number.isNaN(asked) ? 0 : asked));
}
