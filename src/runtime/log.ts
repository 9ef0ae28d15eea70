/** What is logged of an error. */
export type LoggedError = {
  name: string;
  message: string;
  /** Node's or the system's, such as ECONNREFUSED. */
  code?: string;
  /** HTTP status of AWS's answer. */
  status?: number;
  /** AWS's id of the request: what their support asks for. */
  requestId?: string;
  stack?: string;
  cause?: LoggedError;
};

/** Causes of causes that are told. */
const MAX_DEPTH = 3;

/** S3 names the object in what it says of a refusal: the key has a user's name and the name of a file. */
const OBJECT_ARN = /(arn:aws[\w-]*:s3:::[^/\s"]+\/)(?:[^\n]*(?=")|[^\n]*)/g;

/**
 * An error by a list of fields. The SDK's errors carry more: request and response, keys, items.
 * @param error whatever was thrown
 */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { name: typeof error, message: '(not an error)' };
  const { code, $metadata = {}, errors }: AwsError = error;
  // An address of several IPs fails with one error for each, and no message of its own.
  const cause = error.cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  return {
    name: error.name,
    message: withoutKeys(error.message),
    ...(typeof code === 'string' && { code }),
    ...($metadata.httpStatusCode !== undefined && { status: $metadata.httpStatusCode }),
    ...($metadata.requestId !== undefined && { requestId: $metadata.requestId }),
    ...(error.stack !== undefined && { stack: withoutKeys(error.stack) }),
    ...(cause !== undefined && depth < MAX_DEPTH && { cause: describeError(cause, depth + 1) }),
  };
}

/** Fields that errors of Node and of the SDK may have. */
type AwsError = Error & {
  code?: unknown;
  errors?: unknown;
  $metadata?: { httpStatusCode?: number; requestId?: string };
};

const withoutKeys = (text: string): string => text.replace(OBJECT_ARN, '$1…');
