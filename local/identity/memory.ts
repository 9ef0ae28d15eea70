import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Entries kept: sessions, codes and tokens of one person at a time. The oldest goes first. */
const LIMIT = 5_000;

/**
 * Where oidc-provider keeps sessions, codes and tokens: in memory, so that whoever starts anew signs in anew.
 * @returns what makes an adapter for each kind of entry
 */
export function createMemory() {
  const entries = new Map<string, { payload: AdapterPayload; expires: number }>();

  const find = async (key: string) => {
    const entry = entries.get(key);
    if (entry && entry.expires > Date.now()) return entry.payload;
    entries.delete(key);
    return undefined;
  };
  const findBy = async (kind: string, field: 'uid' | 'userCode', value: string) =>
    [...entries].find(([key, { payload }]) => key.startsWith(`${kind}:`) && payload[field] === value)?.[1]
      .payload;

  return (kind: string): Adapter => {
    const keyOf = (id: string) => `${kind}:${id}`;
    return {
      /** @param expiresIn seconds */
      async upsert(id, payload, expiresIn) {
        entries.delete(keyOf(id));
        const expires = expiresIn ? Date.now() + expiresIn * 1000 : Infinity;
        entries.set(keyOf(id), { payload, expires });
        const oldest = entries.size > LIMIT && entries.keys().next().value;
        if (oldest) entries.delete(oldest);
      },
      find: (id) => find(keyOf(id)),
      findByUid: (uid) => findBy(kind, 'uid', uid),
      findByUserCode: (code) => findBy(kind, 'userCode', code),
      async consume(id) {
        const payload = await find(keyOf(id));
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id) {
        entries.delete(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
      },
    };
  };
}
