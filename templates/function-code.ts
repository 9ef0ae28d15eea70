import { Fn } from 'cloudform';

const bucketName = '^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$';

/** The stage's artifacts bucket, which deploy.ts makes before the first stack. */
export const artifactsBucket = {
  ArtifactsBucket: {
    Type: 'String',
    Description: 'The bucket of the stage that holds code',
    AllowedPattern: bucketName,
  },
};

/**
 * Parameters of a stack with Lambda functions: the bucket, and for each function the key of its code there. deploy.ts fills
 * them in; the key names the code's hash, so that other code is another value.
 * @param names of the functions in `functions` of the system, such as `Labeler`
 */
export function codeParameters(...names: string[]) {
  const keys = names.map((name) => [
    `${name}CodeKey`,
    {
      Type: 'String',
      Description: `Key of the code of ${name} in the artifacts bucket`,
      AllowedPattern: '^(functions/[0-9a-f]{64}\\.zip)$',
    },
  ]);
  return { ...artifactsBucket, ...Object.fromEntries(keys) };
}

/** The `Code` of a function: an ES module whose handler is `index.handler`. */
export function functionCode(name: string) {
  return { S3Bucket: Fn.Ref('ArtifactsBucket'), S3Key: Fn.Ref(`${name}CodeKey`) };
}
