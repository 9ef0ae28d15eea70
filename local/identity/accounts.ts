import { randomBytes, randomUUID, scrypt, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { userNameSchema } from '../../src/identity/user-name.ts';

const accountSchema = v.object({
  sub: v.string(),
  name: v.string(),
  groups: v.array(v.string()),
  salt: v.string(),
  hash: v.string(),
});
export type Account = v.InferOutput<typeof accountSchema>;
export type Accounts = Awaited<ReturnType<typeof openAccounts>>;

/** What anybody can sign in as at once. The sign-in listens on this machine alone. */
export const READY = [
  { name: 'ada', groups: [] as string[] },
  { name: 'grace', groups: ['Admin'] },
  { name: 'edith', groups: ['HotelManager'] },
];
export const READY_PASSWORD = 'postagram';

/** Characters of a password; Cognito asks for 8 and takes 99. */
const PASSWORD = { min: 8, max: 99 };

/** A person's mistake, in words for that person. */
export class AccountProblem extends Error {
  override name = 'AccountProblem';
}

const derive = promisify<string, string, number, Buffer>(scrypt);
const hashed = (password: string, salt: string) => derive(password.normalize('NFC'), salt, 32);

/** Names that differ in case alone are one, as in a Cognito pool that is made case-insensitive. */
const keyOf = (name: string) => name.normalize('NFC').toLowerCase();

/**
 * Those who can sign in, kept in `accounts.json` of the data folder for this user alone.
 * @throws Error when that file is damaged
 */
export async function openAccounts(dataDir: string) {
  const path = join(dataDir, 'accounts.json');
  const byKey = new Map<string, Account>();
  if (existsSync(path)) {
    const kept = v.parse(v.array(accountSchema), JSON.parse(await readFile(path, 'utf8')));
    for (const account of kept) byKey.set(keyOf(account.name), account);
  } else {
    for (const { name, groups } of READY) await add(name, READY_PASSWORD, groups);
    await save();
  }
  let saving = Promise.resolve();

  return {
    /** @returns undefined unless name and password belong together */
    async check(name: string, password: string): Promise<Account | undefined> {
      const account = byKey.get(keyOf(name));
      if (!account || password.length > PASSWORD.max) return undefined;
      const hash = await hashed(password, account.salt);
      return timingSafeEqual(hash, Buffer.from(account.hash, 'base64')) ? account : undefined;
    },

    /** @throws AccountProblem when the name is not valid or taken, or the password too short or too long */
    async signUp(name: string, password: string): Promise<Account> {
      const valid = v.safeParse(userNameSchema, name.trim());
      if (!valid.success) throw new AccountProblem(`This name cannot be had: ${valid.issues[0].message}.`);
      if (password.length < PASSWORD.min || password.length > PASSWORD.max)
        throw new AccountProblem(`A password has ${PASSWORD.min} to ${PASSWORD.max} characters.`);
      if (byKey.has(keyOf(valid.output))) throw new AccountProblem('Somebody has this name already.');
      const account = await add(valid.output, password, []);
      // One after the other: each writes the whole file.
      saving = saving.then(save, save);
      await saving;
      return account;
    },

    withSub: (sub: string) => [...byKey.values()].find((account) => account.sub === sub),
  };

  async function add(name: string, password: string, groups: string[]): Promise<Account> {
    const salt = randomBytes(16).toString('base64');
    const hash = (await hashed(password, salt)).toString('base64');
    // Looked at once more: another may have taken the name while the password was hashed.
    if (byKey.has(keyOf(name))) throw new AccountProblem('Somebody has this name already.');
    const account = { sub: randomUUID(), name, groups, salt, hash };
    byKey.set(keyOf(name), account);
    return account;
  }

  async function save() {
    await mkdir(dataDir, { recursive: true });
    await writeFile(`${path}.new`, JSON.stringify([...byKey.values()], undefined, 2), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
}
