/**
 * What waits, by lane. Lanes take turns, so that a long one does not hold up the others; within a lane what came first goes first.
 */
export function createFairQueue<T extends object>() {
  // The order of the map is that of the turns. No lane in it is empty.
  const lanes = new Map<string, T[]>();
  let size = 0;

  return {
    add(lane: string, item: T): void {
      const waiting = lanes.get(lane);
      if (waiting) waiting.push(item);
      else lanes.set(lane, [item]);
      size++;
    },

    /** The next item of a lane that may go on; that lane is then the last to have a turn again. */
    take(mayGoOn: (lane: string) => boolean): { lane: string; item: T } | undefined {
      for (const [lane, waiting] of lanes) {
        if (!mayGoOn(lane)) continue;
        const item = waiting.shift();
        lanes.delete(lane);
        if (waiting.length > 0) lanes.set(lane, waiting);
        size--;
        return item && { lane, item };
      }
      return undefined;
    },

    size: () => size,
  };
}
