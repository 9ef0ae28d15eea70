import * as v from 'valibot';

/** Control characters, and what XML (S3's lists) cannot carry. */
export const UNSAFE = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;

/** 1 to 64 characters. `/` would break the S3 key, `#` the table's key. */
export const userNameSchema = v.pipe(
  v.string(),
  v.normalize('NFC'),
  v.check((name) => name.trim() !== '' && [...name].length <= 64, 'a user name has 1 to 64 characters'),
  v.check(
    (name) => name.search(UNSAFE) < 0 && !/[/#]/.test(name),
    'a user name has no / or # or control character',
  ),
  v.check((name) => name !== '.' && name !== '..', 'a user name is not . or ..'),
);
