import * as v from 'valibot';

/** Control characters, and what XML (S3's lists) cannot carry. */
export const UNSAFE = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;

/** Characters that no name has, as a regular expression of any language says it. */
const REFUSED = '/#\\u0000-\\u001f\\u007f-\\u009f\\ufffe\\uffff';

/** 1 to 64 characters. `/` would break the S3 key, `#` the table's key. */
export const userNameSchema = v.pipe(
  v.string(),
  // As far as JSON Schema can say it.
  v.metadata({
    pattern: `^[^${REFUSED}]*[^${REFUSED}\\s\\ufeff][^${REFUSED}]*$`,
    minLength: 1,
    maxLength: 64,
    not: { enum: ['.', '..'] },
  }),
  v.normalize('NFC'),
  v.check((name) => name.trim() !== '' && [...name].length <= 64, 'a user name has 1 to 64 characters'),
  v.check(
    (name) => name.search(UNSAFE) < 0 && !/[/#]/.test(name),
    'a user name has no / or # or control character',
  ),
  v.check((name) => name !== '.' && name !== '..', 'a user name is not . or ..'),
);
