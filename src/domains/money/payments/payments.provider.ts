import { createHmac } from 'node:crypto';
import { path } from '../../../lib/html.js';

/** BILL-7: who takes cards, and says by a signed callback what became of a payment. */
export interface PaymentProvider {
  readonly name: string;
  /** It moves no money. */
  readonly is_demo: boolean;
  /** Signs its callbacks. */
  readonly secret: string;
  /** Where the payer goes on: an address below the pages, or one of the provider's own. */
  checkoutPath(transaction_id: string): string;
}

/** Whether a provider of this name moves no money; known of payments whose provider is not configured any more, too. */
export const isDemo = (name: string | null): boolean => name === 'demo';

/** A provider to try the system with: its page is one of ours, where the payer says what shall become of the payment. */
export const demoProvider = (secret: string): PaymentProvider => ({
  name: 'demo',
  is_demo: true,
  secret,
  checkoutPath: (transaction_id) => path`/my/payments/${transaction_id}/card`,
});

/** Of a system that was not given a secret: all its processes come to the same one. */
export const callbackSecretOf = (jwtSecret: string): string =>
  createHmac('sha256', jwtSecret).update('payment callbacks').digest('base64url');
