/** A generator of Park and Miller's: numbers from 0 to 1, the same for the same seed. @param seed 1 to 2,147,483,646 */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
