import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useForm } from 'react-hook-form';
import { changePost, removePhoto, type Change, type Post } from '../api.ts';
import { AltField } from '../compose/alt-field.tsx';
import {
  ALT_LIMIT,
  atMost,
  BODY_LIMIT,
  fewLabels,
  labelsIn,
  TITLE_LIMIT,
  written,
} from '../compose/limits.ts';
import { explain } from '../i18n/explain.ts';
import { useText } from '../i18n/language.tsx';
import { Field } from '../layout/field.tsx';
import { useServices } from '../services.ts';
import { useUpload } from '../upload/use-upload.ts';
import { Stamp } from '../post/stamp.tsx';
import { photoOff, wordsOf } from './edits.ts';
import './edit-card.css';

type Fields = { title: string; body: string; alt: string; labels: string; removesPhoto: boolean };

/** One's own post, to be written anew where it stands. Only what was changed is sent. */
export default function EditCard({ post, onDone }: { post: Post; onDone: () => void }) {
  const text = useText();
  const upload = useUpload(post.id);
  const { register, handleSubmit, formState, setFocus, watch } = useForm<Fields>({
    defaultValues: {
      title: post.title,
      body: post.body,
      alt: post.alt ?? '',
      labels: (post.labels ?? []).join(', '),
      removesPhoto: false,
    },
  });
  const { errors, dirtyFields } = formState;
  useEffect(() => setFocus('title'), [setFocus]);
  const save = useSave(post, onDone);
  const submit = handleSubmit((fields) => {
    if (save.isPending) return;
    const change: Change = {
      ...(dirtyFields.title && { title: fields.title.trim() }),
      ...(dirtyFields.body && { body: fields.body.trim() }),
      ...(dirtyFields.alt && { alt: fields.alt.trim() }),
      ...(dirtyFields.labels && !fields.removesPhoto && { labels: labelsIn(fields.labels) }),
    };
    save.mutate({ change, removesPhoto: fields.removesPhoto && hasPhoto });
  });
  const hasPhoto = post.labels !== undefined || post.status === 'failed';
  const { current: limits } = useRef({
    title: limitOf(TITLE_LIMIT, post.title),
    body: limitOf(BODY_LIMIT, post.body),
  });
  return (
    <article className="card alone editing">
      <Stamp post={post} preview={upload?.preview} whole />
      <form className="card-text edit-form" onSubmit={(event) => void submit(event)} noValidate>
        <h1 className="edit-heading" tabIndex={-1}>
          {text.edit.heading}
        </h1>
        <Field label={text.compose.titleLabel} error={errors.title?.message}>
          {(aria) => (
            <input
              {...register('title', {
                validate: written(text.compose.errors.titleEmpty, limits.title, text),
              })}
              {...aria}
              type="text"
              dir="auto"
              autoComplete="off"
            />
          )}
        </Field>
        <Field label={text.compose.bodyLabel} error={errors.body?.message}>
          {(aria) => (
            <textarea
              {...register('body', { validate: written(text.compose.errors.bodyEmpty, limits.body, text) })}
              {...aria}
              rows={5}
              dir="auto"
            />
          )}
        </Field>
        <AltField
          input={register('alt', { validate: atMost(ALT_LIMIT, text) })}
          error={errors.alt?.message}
        />
        {post.labels && !watch('removesPhoto') && (
          <Field label={text.edit.labels} hint={text.edit.labelsHint} error={errors.labels?.message}>
            {(aria) => (
              <input
                {...register('labels', { validate: fewLabels(text) })}
                {...aria}
                type="text"
                dir="auto"
                autoComplete="off"
              />
            )}
          </Field>
        )}
        {hasPhoto && (
          <label className="edit-remove">
            <input type="checkbox" {...register('removesPhoto')} />
            {text.edit.removePhoto}
          </label>
        )}
        {save.isError && (
          <p className="field-error" role="alert">
            {text.edit.refused} {explain(save.error, text)}
          </p>
        )}
        <div className="edit-actions">
          <button type="button" className="button plain" onClick={onDone}>
            {text.edit.cancel}
          </button>
          {/* Not `disabled`: that would take the focus away. */}
          <button type="submit" className="button" aria-disabled={save.isPending}>
            {save.isPending ? text.edit.saving : text.edit.save}
          </button>
        </div>
      </form>
    </article>
  );
}

/** What came from elsewhere may be longer than what is typed here. */
const limitOf = (usual: number, before: string) => Math.max(usual, [...before].length);

function useSave(post: Post, onDone: () => void) {
  const text = useText();
  const { posts, uploads, notices } = useServices();
  return useMutation({
    async mutationFn({ change, removesPhoto }: { change: Change; removesPhoto: boolean }) {
      if (removesPhoto) {
        await removePhoto(post.user, post.id);
        uploads.drop(post.id);
        posts.edit(photoOff(post)(post), photoOff(post));
      }
      if (Object.keys(change).length === 0) return removesPhoto ? post.title : undefined;
      const changed = await changePost(post.user, post.id, change);
      posts.edit(changed, wordsOf(changed));
      return changed.title;
    },
    onSuccess(title) {
      if (title !== undefined) notices.say(text.edit.saved(title));
      onDone();
    },
  });
}
