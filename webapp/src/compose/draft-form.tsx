import type { ChangeEvent, FormEvent, KeyboardEvent } from 'react';
import { isBlank, type Draft } from '../drafts/draft.ts';
import { useDrafts } from '../drafts/use-drafts.ts';
import { explain } from '../i18n/explain.ts';
import { useText } from '../i18n/language.tsx';
import { MOST_DRAFTS } from '../kept/room.ts';
import { useChecks } from '../layout/checks.ts';
import { Field } from '../layout/field.tsx';
import { useServices } from '../services.ts';
import { AltField } from './alt-field.tsx';
import { ALT_LIMIT, atMost, BODY_LIMIT, TITLE_LIMIT, written } from './limits.ts';
import { PhotoSpot } from './photo-spot.tsx';
import { useSend } from './use-send.ts';

/** A post that is being written: the photo on the left, the words on the right, as on a postcard. */
export default function DraftForm({ draft }: { draft: Draft }) {
  const text = useText();
  const { drafts, notices } = useServices();
  const { photo } = draft;
  const send = useSend(draft);
  const isPending = draft.fate === 'sending';
  const { errors: words } = text.compose;
  const { errors, pass } = useChecks({
    title: written(draft.title, words.titleEmpty, TITLE_LIMIT, text),
    body: written(draft.body, words.bodyEmpty, BODY_LIMIT, text),
    alt: photo && atMost(draft.alt, ALT_LIMIT, text),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const now = drafts.find(draft.id);
    if (!now || now.fate === 'sending' || !pass(event.currentTarget)) return;
    const { title, body, alt } = now;
    send.mutate({
      // Of a photo that was taken back there is nothing to say.
      words: { title: title.trim(), body: body.trim(), alt: photo ? alt.trim() : '' },
      noted: drafts.sending(draft.id),
    });
  }
  const field = (name: 'title' | 'body' | 'alt') => ({
    name,
    value: draft[name],
    onChange: ({ target }: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      drafts.write(draft.id, { [name]: target.value }),
  });
  return (
    <form
      className="compose-card"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (isSendKey(event)) event.currentTarget.requestSubmit();
      }}
      noValidate
    >
      <PhotoSpot draft={draft} />
      <div className="compose-words">
        <Field label={text.compose.titleLabel} error={errors.title}>
          {(aria) => (
            <input
              {...field('title')}
              {...aria}
              type="text"
              dir="auto"
              className="title-input"
              autoComplete="off"
              placeholder={text.compose.titlePlaceholder}
            />
          )}
        </Field>
        <Field label={text.compose.bodyLabel} error={errors.body}>
          {(aria) => (
            <textarea
              {...field('body')}
              {...aria}
              rows={6}
              dir="auto"
              placeholder={text.compose.bodyPlaceholder}
            />
          )}
        </Field>
        {photo && <AltField input={field('alt')} error={errors.alt} />}
        {send.isError && (
          <p className="field-error" role="alert">
            {text.compose.errors.refused} {explain(send.error, text)}
          </p>
        )}
        {draft.fate === 'unsure' && !send.isError && <p className="hint">{text.drafts.unsure}</p>}
        <Unkept id={draft.id} />
        <div className="compose-actions">
          {!isBlank(draft) && !isPending && (
            <button
              type="button"
              className="button plain"
              onClick={() => notices.say(text.drafts.discarded, false, drafts.discard(draft.id))}
            >
              {text.drafts.discard}
            </button>
          )}
          {/* Not `disabled`: that would take the focus away. */}
          <button type="submit" className="button send" aria-disabled={isPending}>
            {isPending ? text.compose.submitting : text.compose.submit}
          </button>
        </div>
      </div>
    </form>
  );
}

/** Why a draft lasts as long as the page, where it does. */
function Unkept({ id }: { id: string }) {
  const text = useText();
  const trouble = useDrafts().troubles.get(id);
  return (
    <div role="status" className="spot-status">
      {trouble && <p className="hint">{text.drafts.unkept[trouble](MOST_DRAFTS)}</p>}
    </div>
  );
}

/** Ctrl+Enter, on a Mac Cmd+Enter; not the Enter that ends a word in an input method. */
function isSendKey({ key, ctrlKey, metaKey, nativeEvent }: KeyboardEvent): boolean {
  return key === 'Enter' && (ctrlKey || metaKey) && !nativeEvent.isComposing;
}
