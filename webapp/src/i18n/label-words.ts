import { useQuery } from '@tanstack/react-query';
import { useLanguage } from './language.tsx';

/** Labels are stored, and in addresses, as they came: in English. `Cat: Chat`, and only a French page loads it. */
const FRENCH = new URL('labels-fr.txt', import.meta.url).href;
/** A word of fewer letters begins like too many labels. */
const SHORTEST = 2;
/** Each is a call of its own. */
const MOST_FOUND = 4;

type Words = { of: (label: string) => string; labelsLike: (typed: string) => string[] };

const asTheyAre: Words = { of: (label) => label, labelsLike: () => [] };

/**
 * Labels in the words of the page's language, as far as they are known; any other stays as it is.
 * @returns `of`, the word for a label, and `labelsLike`, the labels whose word begins so, in every case and with or without accents, the
 *   shortest first
 */
export function useLabelWords(): Words {
  const { language } = useLanguage();
  const { data } = useQuery({
    queryKey: ['label-words', language],
    queryFn: ({ signal }) => loadWords(FRENCH, signal),
    enabled: language === 'fr',
    staleTime: Infinity,
  });
  return (language === 'fr' && data) || asTheyAre;
}

async function loadWords(address: string, signal: AbortSignal): Promise<Words> {
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`${address} was answered ${response.status}`);
  const pairs = (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => line.split(': '))
    .map(([label = '', word = '']) => ({ label, word, plain: plain(word) }));
  const words = new Map(pairs.map(({ label, word }) => [label.toLowerCase(), word]));
  return {
    of: (label) => words.get(label.toLowerCase()) ?? label,
    labelsLike: (typed) => {
      const start = plain(typed);
      if (start.length < SHORTEST) return [];
      return pairs
        .filter((pair) => pair.plain.startsWith(start))
        .toSorted((a, b) => a.word.length - b.word.length)
        .slice(0, MOST_FOUND)
        .map(({ label }) => label);
    },
  };
}

/** Lower case and without accents. */
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
