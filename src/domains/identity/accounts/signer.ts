import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signs short texts that people keep for us: links in emails, known devices. What is signed is not secret. */
export interface Signer {
  /** `text.mac`; `purpose` keeps one sort of text from passing for another. */
  sign(purpose: string, text: string): string;
  /** The text, or null when it is not one that we signed for this purpose. */
  read(purpose: string, signed: string): string | null;
}

/** The current secret signs; the previous ones still verify, as for access tokens. */
export function createSigner({
  current,
  previous,
}: {
  readonly current: string;
  readonly previous: readonly string[];
}): Signer {
  const macOf = (secret: string, purpose: string, text: string): Buffer =>
    createHmac('sha256', secret)
      .update(JSON.stringify([purpose, text]))
      .digest();
  return {
    sign: (purpose, text) => `${text}.${macOf(current, purpose, text).toString('base64url')}`,
    read(purpose, signed) {
      const dot = signed.lastIndexOf('.');
      const text = signed.slice(0, Math.max(dot, 0));
      const given = Buffer.from(signed.slice(dot + 1), 'base64url');
      const isOurs = [current, ...previous].some((secret) => {
        const mac = macOf(secret, purpose, text);
        return given.length === mac.length && timingSafeEqual(given, mac);
      });
      return dot > 0 && isOurs ? text : null;
    },
  };
}
