import { hkdfSync } from 'node:crypto';
import { Binary } from 'mongodb';
import { createSeal } from './mongo/sealed-result.js';

/** Secrets of others that are to be used again: sealed in the store, by keys that are in no store. */
export interface TextSeal {
  seal(text: string): string;
  /** null: sealed by no key that we have. `isCurrent`: by the one that seals now. */
  unseal(sealed: string): { readonly text: string; readonly isCurrent: boolean } | null;
}

/**
 * AES-256-GCM under keys that are made of the signing secrets (HKDF, RFC 5869), for `purpose` alone: the first seals, all unseal, as with
 * tokens when a secret is changed.
 */
export function createTextSeal(signingSecrets: readonly string[], purpose: string): TextSeal {
  const seals = signingSecrets.map((secret) =>
    createSeal(Buffer.from(hkdfSync('sha256', secret, '', purpose, 32))),
  );
  return {
    seal: (text) => Buffer.from(seals[0]!.seal(text).buffer).toString('base64'),
    unseal(sealed) {
      const binary = new Binary(Buffer.from(sealed, 'base64'));
      for (const [at, one] of seals.entries())
        try {
          return { text: one.unseal(binary) as string, isCurrent: at === 0 };
        } catch {
          // Another key's, or changed.
        }
      return null;
    },
  };
}
