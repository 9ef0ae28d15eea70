import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ChangeEvent, type FormEvent } from 'react';
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
import { useChecks } from '../layout/checks.ts';
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
  const [before] = useState<Fields>({
    title: post.title,
    body: post.body,
    alt: post.alt ?? '',
    labels: (post.labels ?? []).join(', '),
    removesPhoto: false,
  });
  const [fields, setFields] = useState(before);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const { errors: words } = text.compose;
  const { errors, pass } = useChecks({
    title: written(fields.title, words.titleEmpty, limitOf(TITLE_LIMIT, before.title), text),
    body: written(fields.body, words.bodyEmpty, limitOf(BODY_LIMIT, before.body), text),
    alt: atMost(fields.alt, ALT_LIMIT, text),
    labels: fields.removesPhoto ? undefined : fewLabels(fields.labels, text),
  });
  const save = useSave(post, onDone);
  const hasPhoto = post.labels !== undefined || post.status === 'failed';
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (save.isPending || !pass(event.currentTarget)) return;
    const { title, body, alt, labels, removesPhoto } = fields;
    const change: Change = {
      ...(title !== before.title && { title: title.trim() }),
      ...(body !== before.body && { body: body.trim() }),
      ...(alt !== before.alt && { alt: alt.trim() }),
      ...(labels !== before.labels && !removesPhoto && { labels: labelsIn(labels) }),
    };
    save.mutate({ change, removesPhoto: removesPhoto && hasPhoto });
  }
  const field = (name: 'title' | 'body' | 'alt' | 'labels') => ({
    name,
    value: fields[name],
    onChange: ({ target }: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      setFields((now) => ({ ...now, [name]: target.value })),
  });
  return (
    <article className="card alone editing">
      <Stamp post={post} preview={upload?.preview} whole />
      <form className="card-text edit-form" onSubmit={submit} noValidate>
        <h1 className="edit-heading" tabIndex={-1}>
          {text.edit.heading}
        </h1>
        <Field label={text.compose.titleLabel} error={errors.title}>
          {(aria) => (
            <input {...field('title')} ref={first} {...aria} type="text" dir="auto" autoComplete="off" />
          )}
        </Field>
        <Field label={text.compose.bodyLabel} error={errors.body}>
          {(aria) => <textarea {...field('body')} {...aria} rows={5} dir="auto" />}
        </Field>
        <AltField input={field('alt')} error={errors.alt} />
        {post.labels && !fields.removesPhoto && (
          <Field label={text.edit.labels} hint={text.edit.labelsHint} error={errors.labels}>
            {(aria) => <input {...field('labels')} {...aria} type="text" dir="auto" autoComplete="off" />}
          </Field>
        )}
        {hasPhoto && (
          <label className="edit-remove">
            <input
              type="checkbox"
              checked={fields.removesPhoto}
              onChange={({ target }) => setFields((now) => ({ ...now, removesPhoto: target.checked }))}
            />
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
