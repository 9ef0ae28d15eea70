/** The names of a stage's two stacks. */
export const stackNames = (stage: string) => ({
  serverless: `postagram-serverless-${stage}`,
  server: `postagram-server-${stage}`,
});
