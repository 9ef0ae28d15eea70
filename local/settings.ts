/** Credentials as the AWS SDK takes them; a session token makes them temporary. */
export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** What the local cloud answers to when nothing else is asked for. The key opens nothing: the services are local. */
export const localDefaults = {
  region: 'eu-west-1',
  bucket: 'postagram-local',
  renditionsBucket: 'postagram-local-renditions',
  table: 'postagram-local',
  credentials: { accessKeyId: 'LOCALPOSTAGRAM', secretAccessKey: 'local-secret-of-no-value' } as Credentials,
};

/**
 * How long a service keeps an idle connection, milliseconds: node's own 5 s would sometimes close one just as a client
 * sends its next request.
 */
export const KEEP_ALIVE_MS = 65_000;

/** An error whose message alone tells a person what to do: printed without its stack. */
export class FriendlyError extends Error {
  override name = 'FriendlyError';
}
