/**
 * A text that nobody may read: a NoEcho parameter of its logical id. deploy.ts makes 32 random bytes in base64 of it at the
 * first deployment, unless a flag of the service gives it, and keeps it from then on; on the laptop it is made once and
 * kept in the data folder, unless its variable is set. One stack alone declares it.
 */
export type SecretDefinition = {
  /** What it is for, in one sentence. */
  readonly purpose: string;
};

/** The parameters of a stack whose functions know the secrets, by `Fn.Ref(ID)`. */
export function secretParameters(secrets: Readonly<Record<string, SecretDefinition>>) {
  const parameters = Object.entries(secrets).map(([id, { purpose }]) => [
    id,
    { Type: 'String', NoEcho: true, MinLength: 1, Description: purpose },
  ]);
  return Object.fromEntries(parameters);
}
