/**
 * Runs a step of the start. When it fails, one line says why and the process ends: a stack would hide it.
 */
export function orExit<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    exitWith(error);
  }
}

/** Ends the process with an error's message in one line. */
export function exitWith(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
