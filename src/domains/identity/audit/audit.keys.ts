import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keptSecret } from '../../../databases/secrets.js';
import { chainKeyOf, type ChainHead, type ChainKey } from './audit.chain.js';

/* What of the trail is in no database: its keys, and the file of its heads. */

export interface AuditConfig {
  /** undefined: generate one into the data directory. */
  readonly key: string | undefined;
  readonly previousKeys: readonly string[];
  readonly headFile: string | undefined;
}

/** The keys, the one that seals now first: read once, when they are needed. */
export function createAuditKeys({ key, previousKeys }: AuditConfig, dataDir: string) {
  let keys: Promise<readonly ChainKey[]> | undefined;
  const read = async (): Promise<readonly ChainKey[]> => {
    const remedy = 'take it from a copy; without it, what it has sealed cannot be verified.';
    const current = key ?? (await keptSecret(join(dataDir, 'audit-key'), remedy));
    return [current, ...previousKeys].map(chainKeyOf);
  };
  return (): Promise<readonly ChainKey[]> =>
    (keys ??= read().catch((error: unknown) => {
      keys = undefined;
      throw error;
    }));
}

/** A head a line, as JSON; only ever added to. */
export const headFile = (file: string) => ({
  async keep(head: ChainHead, at: Date): Promise<void> {
    await appendFile(file, `${JSON.stringify({ ...head, at })}\n`, { mode: 0o600 });
  },
  async read(): Promise<ChainHead[]> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    // A line that a crash cut short says nothing.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ChainHead);
  },
});
