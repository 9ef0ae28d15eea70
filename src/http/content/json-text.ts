import { createHash } from 'node:crypto';
import type { Coding } from './accept-encoding.ts';
import { compress } from './compress.ts';

/** JSON that is made once, however often it is sent: as it is, and in each coding that is asked for. */
export class JsonText {
  readonly bytes: Buffer;
  readonly #forms = new Map<Coding, Buffer | Promise<Buffer>>();

  /** @param text JSON */
  constructor(text: string) {
    this.bytes = Buffer.from(text);
  }

  /** A promise for a long text, until it is compressed. */
  compressed(coding: Coding): Buffer | Promise<Buffer> {
    const known = this.#forms.get(coding);
    if (known) return known;
    const form = compress(coding, this.bytes);
    this.#forms.set(coding, form);
    if (form instanceof Promise) {
      form.then(
        (bytes) => this.#forms.set(coding, bytes),
        () => this.#forms.delete(coding),
      );
    }
    return form;
  }

  /**
   * A weak entity tag: the same for the same text, however it is compressed.
   * @param more what else the answer says, in its headers
   */
  tag(more = ''): string {
    const hash = createHash('sha256').update(this.bytes).update(more).digest('base64url');
    return `W/"${hash.slice(0, 22)}"`;
  }
}
