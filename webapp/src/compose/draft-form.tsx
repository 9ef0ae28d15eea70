import { useEffect, type KeyboardEvent } from 'react';
import { useForm } from 'react-hook-form';
import { isBlank, type Draft } from '../drafts/draft.ts';
import { useDrafts } from '../drafts/use-drafts.ts';
import { explain } from '../i18n/explain.ts';
import { useText } from '../i18n/language.tsx';
import { MOST_DRAFTS } from '../kept/room.ts';
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
  const { register, handleSubmit, formState, getValues, reset } = useForm({ defaultValues: wordsOf(draft) });
  const send = useSend(draft);
  const isPending = draft.fate === 'sending';
  const submit = handleSubmit(({ title, body, alt }) => {
    if (drafts.find(draft.id)?.fate === 'sending') return;
    // Of a photo that was taken back there is nothing to say.
    const words = { title: title.trim(), body: body.trim(), alt: photo ? alt.trim() : '' };
    send.mutate({ words, noted: drafts.sending(draft.id) });
  });
  useEffect(() => {
    // As it is now, not as it was drawn: a key may have been pressed since. What differs was written in another tab.
    const now = drafts.find(draft.id);
    const known = getValues();
    if (!now || (now.title === known.title && now.body === known.body && now.alt === known.alt)) return;
    reset(wordsOf(now), { keepErrors: true, keepIsSubmitted: true, keepSubmitCount: true });
  }, [draft, drafts, getValues, reset]);
  const { errors } = text.compose;
  return (
    <form
      className="compose-card"
      onSubmit={(event) => void submit(event)}
      onChange={() => drafts.write(draft.id, getValues())}
      onKeyDown={(event) => {
        if (isSendKey(event)) void submit(event);
      }}
      noValidate
    >
      <PhotoSpot draft={draft} />
      <div className="compose-words">
        <Field label={text.compose.titleLabel} error={formState.errors.title?.message}>
          {(aria) => (
            <input
              {...register('title', { validate: written(errors.titleEmpty, TITLE_LIMIT, text) })}
              {...aria}
              type="text"
              dir="auto"
              className="title-input"
              autoComplete="off"
              placeholder={text.compose.titlePlaceholder}
            />
          )}
        </Field>
        <Field label={text.compose.bodyLabel} error={formState.errors.body?.message}>
          {(aria) => (
            <textarea
              {...register('body', { validate: written(errors.bodyEmpty, BODY_LIMIT, text) })}
              {...aria}
              rows={6}
              dir="auto"
              placeholder={text.compose.bodyPlaceholder}
            />
          )}
        </Field>
        {photo && (
          <AltField
            input={register('alt', { validate: atMost(ALT_LIMIT, text) })}
            error={formState.errors.alt?.message}
          />
        )}
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

const wordsOf = ({ title, body, alt }: Draft) => ({ title, body, alt });

/** Ctrl+Enter, on a Mac Cmd+Enter; not the Enter that ends a word in an input method. */
function isSendKey({ key, ctrlKey, metaKey, nativeEvent }: KeyboardEvent): boolean {
  return key === 'Enter' && (ctrlKey || metaKey) && !nativeEvent.isComposing;
}
