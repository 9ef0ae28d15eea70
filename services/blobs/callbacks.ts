import { createDocuments } from '../../src/aws/documents.ts';
import { createLog } from '../../src/runtime/request-log.ts';
import { createCallbackStore } from './callback-store.ts';
import { callbackConfig } from './config.ts';
import { createDeliver } from './deliver.ts';
import { safePost } from './safe-post.ts';

/** What both functions that call back are made of, from the environment. */
export function openCallbacks() {
  const config = callbackConfig();
  const callbacks = createCallbackStore(createDocuments(config.AWS_REGION), config.BLOBS_TABLE);
  const log = createLog(config.LOG_LEVEL);
  const rules = { loopback: config.BLOBS_CALLBACK_LOOPBACK };
  const deliver = createDeliver({
    callbacks,
    post: (url, message) => safePost(url, message, rules),
    secrets: [config.BLOBS_CALLBACK_SECRET, config.BLOBS_CALLBACK_SECRET_OLD].filter((one) => one !== ''),
    log: (fields) => log.info(fields),
  });
  return { callbacks, deliver };
}
