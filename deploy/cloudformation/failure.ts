/** A failure that a person can act on: its message is printed as it is, without a stack. */
export class DeployFailure extends Error {
  readonly hint: string | undefined;

  /** @param hint what to do next, printed before the message, which comes last */
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'DeployFailure';
    this.hint = hint;
  }
}

const expired =
  'The AWS credentials have expired. Sign in again (for AWS Academy: copy fresh ones from "AWS Details").';
const refused = 'AWS does not accept these credentials. Check the key, the secret and the session token.';
const newCredentials =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run: aws configure';

/** Error codes of AWS and of its SDK, in the words of the person who has to act. */
const plainWords: Record<string, string> = {
  CredentialsProviderError: `No AWS credentials found. ${newCredentials}`,
  TokenProviderError: expired,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  RequestExpired: `${expired} If they are fresh, the clock of this machine is wrong.`,
  InvalidClientTokenId: refused,
  UnrecognizedClientException: refused,
  InvalidAccessKeyId: refused,
  InvalidToken: refused,
  SignatureDoesNotMatch: refused,
  OptInRequired: 'This account is not enabled in the region. Choose another with --region.',
};

/**
 * AWS Academy ends a lab by a policy of this name that denies everything but GetCallerIdentity, while the credentials
 * themselves go on.
 */
export const endOfLab = /voc-cancel-cred/;
export const labEnded =
  'The AWS Academy lab has ended, and its credentials with it. Start the lab again and copy fresh ones from "AWS Details".';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html: OperationAborted. */
export const nameNotFree = /OperationAborted|conflicting conditional operation/i;
export const nameSoonFree =
  'S3 is still busy with a bucket of this name; one that was just deleted keeps its name for up to an hour. Wait and run again, or take another --stage.';

const network = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'ECONNRESET',
  'TimeoutError',
]);

/** What to tell about any error: credentials, region, permissions and network in plain words. */
export function explain(error: unknown): DeployFailure {
  if (error instanceof DeployFailure) return error;
  if (!(error instanceof Error)) return new DeployFailure(String(error));
  const { name, message } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : name;
  // A session of IAM Identity Center that ran out is a missing provider to the SDK: its text tells them apart.
  if (name === 'CredentialsProviderError' && /expired/i.test(message)) return new DeployFailure(expired);
  const known = plainWords[name];
  if (known) return new DeployFailure(known);
  if (/region is missing/i.test(message)) return new DeployFailure(noRegion);
  if (endOfLab.test(message)) return new DeployFailure(labEnded);
  if (nameNotFree.test(`${name} ${message}`)) return new DeployFailure(`${name}: ${message}`, nameSoonFree);
  if (name.startsWith('AccessDenied') || /is not authorized to perform/.test(message)) {
    return new DeployFailure(
      `AWS refuses: ${message}`,
      'The credentials are valid, but lack this permission.',
    );
  }
  if (network.has(code)) return new DeployFailure(`AWS cannot be reached: ${message || code}`);
  return new DeployFailure(`${name}: ${message}`);
}

/** Told when neither a flag, nor the environment, nor the AWS profile names a region. */
export const noRegion = 'No AWS region. Give --region, set AWS_REGION, or run: aws configure';
