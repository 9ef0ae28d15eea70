import { isUnavailable } from '../../src/aws/unavailable.ts';
import { HttpError } from '../../src/http/call.ts';

/** What AWS would not do, in one sentence that says no more than the caller needs; `code` is for the log. */
class Refusal extends HttpError {
  readonly code: string;

  constructor(status: 409 | 502, detail: string, code: string, headers?: Record<string, string>) {
    super(status, detail, headers);
    this.code = code;
  }
}

/** AWS's error codes → what is answered; `$1` is the instance or group that AWS names. */
const KNOWN: Readonly<Record<string, readonly [status: 409 | 502, detail: string]>> = {
  IncorrectInstanceState: [409, 'The state of $1 does not allow that now. Try again in a minute.'],
  IncorrectState: [409, 'The state of $1 does not allow that now. Try again in a minute.'],
  ScalingActivityInProgress: [409, 'The fleet is being changed right now. Try again in a minute.'],
  ResourceContention: [409, 'The fleet is being changed right now. Try again in a minute.'],
  'InvalidInstanceID.NotFound': [502, 'EC2 does not know $1.'],
  'InvalidInstanceID.Malformed': [502, 'EC2 does not know $1.'],
  UnsupportedOperation: [409, 'EC2 cannot do that with $1: spot instances, for one, cannot be stopped.'],
  InsufficientInstanceCapacity: [502, 'EC2 has no room for $1 now. Try again later.'],
  InstanceLimitExceeded: [502, 'The account has as many instances as it may have.'],
  VcpuLimitExceeded: [502, 'The account has as many instances as it may have.'],
  UnauthorizedOperation: [502, 'AWS does not let this service do that.'],
  AccessDenied: [502, 'AWS does not let this service do that.'],
};

/** Seconds. */
const RETRY_AFTER = 5;

/**
 * Does what AWS is asked for.
 * @throws HttpError 409 or 502 instead of the SDK's error
 */
export async function refusing<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  // The name of an error of Auto Scaling may end so.
  const code = error.name.replace(/Fault$/, '');
  const known = Object.hasOwn(KNOWN, code) ? KNOWN[code] : undefined;
  if (known) {
    const [status, detail] = known;
    const named = /\bi-[0-9a-f]+/.exec(error.message)?.[0];
    return new Refusal(status, detail.replace('$1', named ? `instance ${named}` : 'an instance'), code);
  }
  if (isUnavailable(error))
    return new Refusal(502, 'AWS does not answer now. Try again in a moment.', code, {
      'retry-after': String(RETRY_AFTER),
    });
  // Whatever AWS refused, as against a mistake of ours.
  if ('$metadata' in error) return new Refusal(502, 'AWS would not do that.', code);
  return error;
}
