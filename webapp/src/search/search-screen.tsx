import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { Link, useSearchParams } from 'wouter';
import { findLabels, listPosts, type LabelCount } from '../api.ts';
import { useLabelWords } from '../i18n/label-words.ts';
import { useText } from '../i18n/language.tsx';
import { Field } from '../layout/field.tsx';
import { Failure, useTitle } from '../layout/status.tsx';
import { labelPath } from '../post/labels.tsx';
import { nameProblem, tidyName } from '../session/name.ts';
import './search.css';

/** Characters a label has at the most. */
const LONGEST_LABEL = 50;

/** Finds labels by how they begin, and a user by the exact name. What was typed is in the address. */
export function SearchScreen() {
  const text = useText();
  const [query, setQuery] = useSearchParams();
  const typed = query.get('q') ?? '';
  const asked = useDeferredValue(typed.trim());
  useTitle(text.search.title);
  return (
    <section className="search" aria-labelledby="search-title">
      <h1 id="search-title" tabIndex={-1}>
        {text.search.title}
      </h1>
      <form role="search" onSubmit={(event) => event.preventDefault()}>
        <Field label={text.search.field} hint={text.search.hint}>
          {(aria) => (
            <input
              {...aria}
              type="search"
              dir="auto"
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={({ target }) =>
                setQuery(target.value === '' ? {} : { q: target.value }, { replace: true })
              }
            />
          )}
        </Field>
      </form>
      <User name={tidyName(asked)} />
      <Labels prefix={[...asked].slice(0, LONGEST_LABEL).join('')} />
    </section>
  );
}

/** A user is known by what they have posted. */
function User({ name }: { name: string }) {
  const text = useText();
  const { data } = useQuery({
    queryKey: ['has-posts', name],
    queryFn: async ({ signal }) => (await listPosts(name, undefined, signal)).posts.length > 0,
    enabled: nameProblem(name) === undefined,
    retry: false,
  });
  if (data !== true) return null;
  return (
    <p className="search-user">
      <Link href={`/u/${encodeURIComponent(name)}`} className="button">
        {text.feed.of(name)}
      </Link>
    </p>
  );
}

function Labels({ prefix }: { prefix: string }) {
  const text = useText();
  const words = useLabelWords();
  const others = words.labelsLike(prefix);
  const labels = useQuery({
    queryKey: ['labels', prefix, others],
    queryFn: ({ signal }) => findAll(prefix, others, signal),
    // What was found before stays until there is something new.
    placeholderData: (before) => before,
    retry: false,
  });
  if (labels.isError)
    return (
      <Failure
        title={text.search.failed}
        error={labels.error}
        onRetry={() => void labels.refetch()}
        busy={labels.isFetching}
      />
    );
  if (!labels.data) return null;
  return (
    <>
      <p className="hint" role="status">
        {labels.data.length === 0 ? text.search.none : ''}
      </p>
      <ul className="found" aria-label={text.search.labels}>
        {labels.data.map(({ label, count, more }) => (
          <li key={label}>
            <Link href={labelPath(label)}>{words.of(label)}</Link>
            <span className="hint">{more ? text.search.more(count) : text.search.posts(count)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Those of `labels` that posts have, and what begins with the prefix, each once. */
async function findAll(prefix: string, labels: string[], signal: AbortSignal): Promise<LabelCount[]> {
  const named = labels.map(async (label) =>
    (await findLabels(label, signal)).filter((found) => found.label.toLowerCase() === label.toLowerCase()),
  );
  const all = await Promise.all([...named, findLabels(prefix, signal)]);
  return [...new Map(all.flat().map((found) => [found.label, found])).values()];
}
