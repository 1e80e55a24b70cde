import type { Knex } from '../../../databases/postgres/postgres.js';
import type { AnyRoute } from '../../../http/route.js';
import { createLedgerRepository } from './ledger.repository.js';
import { createBooks, type BooksDeps } from './payments.books.js';
import { createPaymentRepository } from './payments.repository.js';
import { paymentRoutes } from './payments.routes.js';
import {
  createPaymentsService,
  type PaymentConfig,
  type PaymentsDeps,
  type PaymentsService as Payments,
} from './payments.service.js';
import { visitReader, type VisitDeps } from './payments.visits.js';
import { createRefundRepository } from './refunds.repository.js';
import { createRefundsService, type RefundsService } from './refunds.service.js';
import {
  createSettlementService,
  type SettlementDeps,
  type SettlementService,
} from './settlement.service.js';

export { percentOf } from './payments.amounts.js';
export { renderPdf } from './payments.pdf.js';
export type { LedgerFault } from './ledger.repository.js';
export type { TrialBalance } from './payments.service.js';
export type { BookingMoney, PaymentPaper, Transaction } from './payments.types.js';
export type PaymentsService = Payments & RefundsService & SettlementService;

interface PaymentParts
  extends
    VisitDeps,
    Pick<PaymentsDeps, 'transactSql' | 'clock' | 'newId' | 'reach' | 'billing'>,
    Pick<SettlementDeps, 'inbox'>,
    Pick<BooksDeps, 'outbox'> {
  readonly knex: Knex;
  readonly config: PaymentConfig;
}

export function createPayments(parts: PaymentParts): {
  service: PaymentsService;
  routes: readonly AnyRoute[];
} {
  const { knex, config } = parts;
  const tables = {
    payments: createPaymentRepository(knex),
    refunds: createRefundRepository(knex),
    ledger: createLedgerRepository(knex),
  };
  const common = { ...parts, ...tables, books: createBooks({ ...parts, ...tables }) };
  const payments = createPaymentsService({ ...common, visitOf: visitReader(parts) });
  const refunds = createRefundsService({ ...common, approvalAbove: config.refundApprovalAbove });
  const settlement = createSettlementService(common);
  return {
    service: { ...payments, ...settlement, forActors: { ...payments.forActors, ...refunds.forActors } },
    routes: paymentRoutes(payments.forActors, refunds.forActors),
  };
}
