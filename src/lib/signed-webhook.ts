import { createHmac, randomBytes } from 'node:crypto';

/*
 * Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md), symmetric: HMAC-SHA-256 over
 * `id.seconds.body`, under a key that is written `whsec_` and its base64. Its libraries verify what is signed here.
 */

const prefix = 'whsec_';

/** The specification asks for 24 to 64 bytes. */
const keyBytes = 32;

export const newWebhookSecret = (): string => `${prefix}${randomBytes(keyBytes).toString('base64')}`;

/** The headers of one attempt to deliver `body`: `id` stays over all attempts, `at` is the attempt's own. Signed under each secret. */
export function webhookHeaders(
  secrets: readonly string[],
  id: string,
  body: string,
  at: Date,
): Readonly<Record<`webhook-${'id' | 'timestamp' | 'signature'}`, string>> {
  const seconds = Math.floor(at.getTime() / 1000);
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': `${seconds}`,
    'webhook-signature': signatures.join(' '),
  };
}
