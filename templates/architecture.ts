/** Processors of functions, as Lambda calls them: Graviton. What native code a function brings is for the same. */
export const architecture: 'arm64' | 'x86_64' = 'arm64';
