import { HttpError } from './call.ts';

/** Seconds after which one who was refused may come again: what fills this process up passes in less. */
const RETRY_AFTER = 2;

/** More is asked of this process, or of what it depends on, than it may take on: 503, and when to come again. */
export class Busy extends HttpError {
  /**
   * @param name what is full, for the log
   * @param detail one sentence for the caller
   * @param headers beside `Retry-After`
   */
  constructor(name: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(503, detail, { 'retry-after': String(RETRY_AFTER), ...headers });
    this.name = name;
  }
}
