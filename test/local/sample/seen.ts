/** What the functions of the sample were called with; they share one process here. */
export const seen: { files: string[]; things: string[] } = { files: [], things: [] };
