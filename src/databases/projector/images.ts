import type { Connection } from 'mongoose';

const namespaceExists = 48;

interface Options {
  readonly changeStreamPreAndPostImages?: { readonly enabled?: boolean };
}

/**
 * Makes MongoDB keep what a document of these collections was before and after each change, as long as its oplog tells of the
 * change; makes the collections that are missing. Waits for the transactions that are under way in them.
 */
export async function ensureImages(connection: Connection, collections: readonly string[]): Promise<void> {
  const db = connection.db!;
  const changeStreamPreAndPostImages = { enabled: true };
  const found = await db.listCollections({ name: { $in: [...collections] } }).toArray();
  const there = new Map(
    found.map(({ name, options }: { name: string; options?: Options }) => [name, options ?? {}]),
  );
  for (const name of collections) {
    const options = there.get(name);
    if (options?.changeStreamPreAndPostImages?.enabled) continue;
    const isMade = options ? false : await create(name);
    if (!isMade) await db.command({ collMod: name, changeStreamPreAndPostImages });
  }

  /** False when somebody else has just made it. */
  async function create(name: string): Promise<boolean> {
    try {
      await db.createCollection(name, { changeStreamPreAndPostImages });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === namespaceExists) return false;
      throw error;
    }
  }
}
