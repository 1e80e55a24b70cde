import type { AnyRoute } from '../../http/route.js';
import { createPaymentsService, type PaymentsService } from './payments.service.js';

export { paymentChanged } from './payments.types.js';
export type { PaymentChanged, PaymentDocument, Transaction } from './payments.types.js';
export type { PaymentsService } from './payments.service.js';

export function createPayments(): { service: PaymentsService; routes: readonly AnyRoute[] } {
  return { service: createPaymentsService(), routes: [] };
}
