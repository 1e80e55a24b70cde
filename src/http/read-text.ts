import type { Context } from 'koa';
import { Problem } from '../lib/errors.js';

/** Fatal: what is not UTF-8 is refused, and never becomes U+FFFD. */
const decoder = new TextDecoder('utf-8', { fatal: true });

const refusal = (what: string): Problem => new Problem('malformed_text', `${what} is not well-formed UTF-8.`);

/** The text of a body. Throws `malformed_text`. */
export function decodeBody(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw refusal('The body');
  }
}

/** The text of a header, which Node reads as Latin-1. Throws `malformed_text`. */
export function decodeHeader(value: string, name: string): string {
  try {
    return decoder.decode(Buffer.from(value, 'latin1'));
  } catch {
    throw refusal(`The header ${name}`);
  }
}

/** JSON (RFC 8259) and forms are in UTF-8; another charset is refused, not guessed at. */
export function checkCharset(ctx: Context): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(ctx.get('Content-Type'))?.[1];
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset))
    throw new Problem('unsupported_media_type', 'The body must be in UTF-8.');
}

/**
 * Checks the text of a form or a query (`application/x-www-form-urlencoded`) or of a path, before anything decodes it
 * leniently. A percent sign that escapes nothing stands for itself. Throws `malformed_text`.
 */
export function checkEscapes(text: string, what: string): void {
  if (!text.includes('%')) return;
  try {
    decodeURIComponent(text.replaceAll(/%(?![\dA-Fa-f]{2})/g, ''));
  } catch {
    throw refusal(what);
  }
}
