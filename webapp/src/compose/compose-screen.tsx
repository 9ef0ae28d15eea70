import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useLocation } from 'wouter';
import { createPost, type Draft } from '../api.ts';
import { explain } from '../i18n/explain.ts';
import { useText } from '../i18n/language.tsx';
import { Field } from '../layout/field.tsx';
import { useTitle } from '../layout/status.tsx';
import { useServices } from '../services.ts';
import { AltField } from './alt-field.tsx';
import { ALT_LIMIT, atMost, BODY_LIMIT, TITLE_LIMIT, written } from './limits.ts';
import { PhotoSpot, type ChosenPhoto } from './photo-spot.tsx';
import './compose.css';

/** A new post: the photo on the left, the words on the right, as on a postcard. */
export function ComposeScreen({ name }: { name: string }) {
  const text = useText();
  useTitle(text.compose.title);
  const [photo, setPhoto] = useState<ChosenPhoto>();
  const { register, handleSubmit, formState } = useForm({ defaultValues: { title: '', body: '', alt: '' } });
  const send = useSend(name, photo);
  const submit = handleSubmit((draft) => {
    if (!send.isPending)
      send.mutate({
        title: draft.title.trim(),
        body: draft.body.trim(),
        // Of a photo that was taken back there is nothing to say.
        alt: photo ? draft.alt.trim() : '',
      });
  });
  const { errors } = text.compose;
  return (
    <form className="compose" onSubmit={(event) => void submit(event)} noValidate>
      <h1 tabIndex={-1}>{text.compose.title}</h1>
      <div className="compose-card">
        <PhotoSpot photo={photo} onChange={setPhoto} />
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
          {/* Not `disabled`: that would take the focus away. */}
          <button type="submit" className="button send" aria-disabled={send.isPending}>
            {send.isPending ? text.compose.submitting : text.compose.submit}
          </button>
        </div>
      </div>
    </form>
  );
}

/** Makes the post, starts its photo on its way, and shows both at the top of the feed. */
function useSend(name: string, photo: ChosenPhoto | undefined) {
  const { posts, uploads } = useServices();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: (draft: Draft) => createPost(name, draft),
    onSuccess: (post) => {
      posts.add(post);
      if (photo) uploads.start(name, post, photo.blob);
      navigate('/');
    },
  });
}
