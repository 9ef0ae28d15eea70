export type NameProblem = 'empty' | 'long' | 'characters' | 'dots';

/** A name the way the server keeps it: composed characters (NFC), no blanks around. */
export function tidyName(input: string): string {
  return input.normalize('NFC').trim();
}

/** What is wrong with a tidy name by the server's own rules; `undefined` when nothing is. */
export function nameProblem(name: string): NameProblem | undefined {
  if (name === '') return 'empty';
  if ([...name].length > 64) return 'long';
  if (/[/#\p{Cc}]/u.test(name)) return 'characters';
  if (name === '.' || name === '..') return 'dots';
  return undefined;
}
