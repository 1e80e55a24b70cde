import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Binary, BSON } from 'mongodb';

/*
 * What a transaction answers may be a patient's record, and is left in a collection for its own next attempt. Only the process that
 * left it asks for it again, so its key lives as long as the process and is in no store: to everybody else it is noise.
 */

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** AES-256-GCM: 96 random bits, the tag, the BSON of `{ result }`. */
export function createSeal(key = randomBytes(32)) {
  return {
    seal(result: unknown): Binary {
      const iv = randomBytes(ivBytes);
      const sealing = createCipheriv(cipher, key, iv);
      const text = Buffer.concat([sealing.update(BSON.serialize({ result })), sealing.final()]);
      return new Binary(Buffer.concat([iv, sealing.getAuthTag(), text]));
    },
    unseal({ buffer }: Binary): unknown {
      const bytes = Buffer.from(buffer);
      const opening = createDecipheriv(cipher, key, bytes.subarray(0, ivBytes));
      opening.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      const text = Buffer.concat([opening.update(bytes.subarray(ivBytes + tagBytes)), opening.final()]);
      return (BSON.deserialize(text) as { result?: unknown }).result;
    },
  };
}
