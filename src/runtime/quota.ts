export type Quota = ReturnType<typeof createQuota>;

type Waiter = { amount: number; granted: () => void; timer: NodeJS.Timeout };

/**
 * So much of something. Who asks for less of it comes first, then who asked first: a small answer need not wait for large ones.
 * @param options.total what there is
 * @param options.waitMs how long one waits for it at the most
 * @param options.refusal makes the error of one who waited in vain
 * @param options.makeRoom takes something back from somebody; false when nobody has any that can be taken
 */
export function createQuota({
  total,
  waitMs,
  refusal,
  makeRoom = () => false,
}: {
  total: number;
  waitMs: number;
  refusal: () => Error;
  makeRoom?: () => boolean;
}) {
  let free = total;
  const waiting: Waiter[] = [];

  return {
    /**
     * @param amount at most `total`
     * @returns undefined when the caller has it now, otherwise a promise: a caller that need not wait need not await
     * @throws `refusal` after `waitMs`
     */
    take(amount: number): Promise<void> | undefined {
      if (waiting.length === 0 && free >= amount) {
        free -= amount;
        return undefined;
      }
      return new Promise((granted, reject) => {
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(refusal());
          admit();
        }, waitMs);
        const waiter = { amount, granted, timer };
        const behind = waiting.findIndex((other) => other.amount > amount);
        waiting.splice(behind < 0 ? waiting.length : behind, 0, waiter);
        admit();
      });
    },

    give(amount: number): void {
      free += amount;
      if (waiting.length > 0) admit();
    },

    /** Looks once more whether room can be made for who waits. */
    admit,
  };

  function admit(): void {
    for (let first = waiting[0]; first; first = waiting[0]) {
      if (free < first.amount) {
        // What is taken back comes in through `give`, which calls this function for itself.
        if (makeRoom()) continue;
        return;
      }
      waiting.shift();
      free -= first.amount;
      clearTimeout(first.timer);
      first.granted();
    }
  }
}
