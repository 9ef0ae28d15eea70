/** Where a reader was in a list, and how high its rows turned out to be. */
export type Place = {
  /** Pixels, by key of the row. */
  heights: Map<string, number>;
  /** A post at the top of the window, and how many pixels below its edge the post's row begins. */
  at: { id: string; top: number } | undefined;
};

/** Remembers for each list where its reader was, for as long as the page lives. */
export function createPlaces() {
  const places = new Map<string, Place>();
  let isBack = false;
  window.addEventListener('popstate', () => {
    isBack = true;
  });
  // The router says so of its own steps.
  for (const step of ['pushState', 'replaceState']) {
    window.addEventListener(step, () => {
      isBack = false;
    });
  }
  return {
    /** Whether the screen was reached by going back, or forth. */
    isBack: () => isBack,

    /** @param list the path that it is read at */
    of(list: string): Place {
      const place = places.get(list) ?? { heights: new Map(), at: undefined };
      places.set(list, place);
      return place;
    },
  };
}

export type Places = ReturnType<typeof createPlaces>;
