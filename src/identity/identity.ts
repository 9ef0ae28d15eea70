import type { IncomingHttpHeaders } from 'node:http';
import { networkOf } from '../http/address.ts';
import type { Call } from '../http/call.ts';

/** A way to know who is calling: `plain` or `createJwtIdentity`. */
export type Identity = {
  /** Whether a caller has to prove its name. */
  readonly verified: boolean;
  /** @throws HttpError when the request says of nobody, or not validly, whom it is from */
  callerOf(headers: IncomingHttpHeaders): Caller | Promise<Caller>;
};

export type Caller = {
  /** A valid user name (user-name.ts). */
  readonly name: string;
  /** What the identity provider says the caller belongs to; nothing without one. */
  readonly groups: readonly string[];
};

/**
 * Whose budget a call is taken from. A name that anybody can put into a header would let anybody exhaust it for its
 * owner: then it is the network's that the call comes from.
 */
export function spenderOf(
  { verified }: Identity,
  { address }: Pick<Call, 'address'>,
  caller: string,
): string {
  return verified ? caller : networkOf(address);
}
