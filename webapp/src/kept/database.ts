/** Where this browser keeps what is not sent yet: drafts, their photos, and photos whose post exists. */
const NAME = 'postagram';
const VERSION = 1;
const STORES = ['drafts', 'photos', 'uploads'] as const;
/** Milliseconds until a database that does not open counts as none: some browsers never answer. */
const PATIENCE = 10_000;

export type StoreOf = (name: (typeof STORES)[number]) => IDBObjectStore;
export type Database = ReturnType<typeof createDatabase>;

/** Opens the database when it is first needed, and again after it was closed or could not be opened. */
export function createDatabase() {
  let opened: Promise<IDBDatabase> | undefined;

  function forget() {
    opened = undefined;
  }

  async function open(): Promise<IDBDatabase> {
    opened ??= openDatabase(forget);
    return opened.catch((error: unknown) => {
      forget();
      throw error;
    });
  }

  return {
    /**
     * One transaction over everything: all of it is kept, or nothing.
     * @param work waits for nothing but requests of this transaction
     * @throws DOMException when there is no room, or the browser keeps nothing
     */
    async transact<T>(mode: IDBTransactionMode, work: (storeOf: StoreOf) => Promise<T> | T): Promise<T> {
      const transaction = (await open()).transaction(STORES, mode);
      const done = new Promise<void>((resolve, reject) => {
        transaction.addEventListener('complete', () => resolve());
        transaction.addEventListener('abort', () => reject(transaction.error ?? new DOMException('Aborted')));
      });
      // Waited for below, unless the work fails: then that is what is thrown.
      done.catch(() => undefined);
      try {
        const result = await work((name) => transaction.objectStore(name));
        // A page that is being left would not live to see it committed by itself.
        transaction.commit();
        await done;
        return result;
      } catch (error) {
        if (transaction.error === null) abort(transaction);
        throw transaction.error ?? error;
      }
    },
  };
}

/** The answer to one request. */
export function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
  });
}

function openDatabase(onClosed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    const timer = setTimeout(() => reject(new DOMException('No answer', 'TimeoutError')), PATIENCE);
    request.addEventListener('upgradeneeded', () => {
      for (const name of STORES) request.result.createObjectStore(name, { keyPath: 'id' });
    });
    request.addEventListener('success', () => {
      clearTimeout(timer);
      const database = request.result;
      database.addEventListener('close', onClosed);
      // A later version of this page, in another tab.
      database.addEventListener('versionchange', () => {
        database.close();
        onClosed();
      });
      resolve(database);
    });
    request.addEventListener('error', () => {
      clearTimeout(timer);
      reject(request.error);
    });
  });
}

function abort(transaction: IDBTransaction) {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself.
  }
}
