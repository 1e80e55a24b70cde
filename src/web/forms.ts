import type { Context } from 'koa';
import { checkCharset, checkEscapes, decodeBody } from '../http/read-text.js';
import { Problem } from '../lib/errors.js';

/** More than any form of ours fills. */
const maxBytes = 16_384;

/**
 * The fields of a form as text, without those that were left empty. Flat: unlike a parser for general use, this one
 * makes no objects out of names with brackets. Of a field that comes twice the last counts.
 */
export async function readForm(ctx: Context): Promise<Record<string, string>> {
  if (!ctx.is('application/x-www-form-urlencoded')) throw new Problem('unsupported_media_type');
  checkCharset(ctx);
  // A browser says how long its form is.
  if (!(Number(ctx.get('Content-Length') || Infinity) <= maxBytes)) throw new Problem('body_too_large');
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
  const text = decodeBody(Buffer.concat(chunks));
  checkEscapes(text, 'The form');
  const fields = new URLSearchParams(text);
  return Object.fromEntries([...fields].filter(([, value]) => value !== ''));
}
