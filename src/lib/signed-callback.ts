import { createHmac, timingSafeEqual } from 'node:crypto';

/* What a payment provider sends: signed over its time and its bytes, so that nobody else can, and an old one is refused. */

/** How far a callback's time may be from ours. */
export const toleranceSeconds = 300;

const digest = (secret: string, seconds: number, body: string): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest();

/** The header `Payment-Signature`: `t=1700000000,v1=<hex of HMAC-SHA-256 over "t.body">`. */
export function signCallback(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  return `t=${seconds},v1=${digest(secret, seconds, body).toString('hex')}`;
}

/** Whether the header is ours for these bytes, and of about now. */
export function isSignedBy(secret: string, body: string, header: string | null, now: Date): boolean {
  const match = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '');
  if (!match) return false;
  const seconds = Number(match[1]);
  if (Math.abs(now.getTime() / 1000 - seconds) > toleranceSeconds) return false;
  return timingSafeEqual(digest(secret, seconds, body), Buffer.from(match[2]!, 'hex'));
}
