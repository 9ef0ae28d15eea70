import { isThere, upload } from '../build/artifacts.ts';
import type { Artifact } from '../build/artifacts.ts';
import { bucketExists, ensureBucket } from '../build/artifacts-bucket.ts';
import type { ArtifactsBucket } from '../build/artifacts-bucket.ts';
import type { Values } from '../cloudformation/parameters.ts';
import type { Session } from './session.ts';

/** What templates are told of the artifacts: the bucket, and where in it each one is. */
export function artifactValues(bucket: string, artifacts: readonly Artifact[]): Values {
  return Object.assign({ ArtifactsBucket: bucket }, ...artifacts.map(({ parameters }) => parameters));
}

/** The artifacts of one deployment and the bucket they belong into. */
export function createArtifactStore(
  { s3, terminal }: Pick<Session, 's3' | 'terminal'>,
  bucket: ArtifactsBucket,
  artifacts: readonly Artifact[],
) {
  let filled = false;
  return {
    /** Tells what filling it would do. Changes nothing. */
    async show(): Promise<void> {
      const exists = await bucketExists(s3, bucket);
      terminal.heading(`${bucket.name}: ${exists ? 'the artifacts bucket of the stage' : 'new'}`);
      if (!exists) terminal.line(' a bucket for code: private, encrypted, TLS only; down --data removes it');
      const rows = artifacts.map(async (artifact) => {
        const there = exists && (await isThere(s3, bucket.name, bucket.account, artifact));
        return [there ? 'there' : terminal.paint('green', '+ upload'), artifact.name, artifact.key];
      });
      terminal.table(await Promise.all(rows));
    },

    /** Makes the bucket and uploads what it lacks; once, however often it is called. */
    async fill(): Promise<void> {
      if (filled) return;
      await ensureBucket(s3, bucket);
      const progress = terminal.progress(`uploading to ${bucket.name}`);
      try {
        for (const artifact of artifacts)
          if (await upload(s3, bucket.name, bucket.account, artifact))
            terminal.line(`Uploaded ${artifact.name}, ${artifact.size}`);
      } finally {
        progress.stop();
      }
      filled = true;
    },
  };
}
