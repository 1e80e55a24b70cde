import type { Knex } from '../../../databases/postgres/postgres.js';
import type { AnyRoute } from '../../../http/route.js';
import { createChargingService, type ChargingDeps, type ChargingService } from './charging.service.js';
import {
  createConfirmingService,
  type ConfirmingDeps,
  type ConfirmingService,
} from './confirming.service.js';
import { createPastService, type PastDeps, type PastService } from './past.service.js';
import { createLedgerRepository } from './ledger.repository.js';
import { createBooks, type BooksDeps } from './payments.books.js';
import type { Standing } from './payments.policy.js';
import { callbackSecretOf, demoProvider } from './payments.provider.js';
import { createPaymentRepository } from './payments.repository.js';
import { paymentRoutes, type PaperPdf } from './payments.routes.js';
import {
  createPaymentsService,
  type PaymentConfig,
  type PaymentsService as Payments,
} from './payments.service.js';
import { createMoneyTimeline } from './timeline.repository.js';
import { billReader, visitReader, type VisitDeps } from './payments.visits.js';
import { createRefundRepository } from './refunds.repository.js';
import { createRefundsService, type RefundsService } from './refunds.service.js';
import {
  createSettlementService,
  type SettlementDeps,
  type SettlementService,
} from './settlement.service.js';

export { percentOf } from './payments.amounts.js';
export type { PastPayment, PastRefund, PastTry } from './payments.past.types.js';
export type { PaperPdf } from './payments.routes.js';
export type { LedgerFault } from './ledger.repository.js';
export type { Dues, TrialBalance } from './payments.service.js';
export type { BookingMoney, PaymentPaper, Transaction } from './payments.types.js';
export { demoProvider } from './payments.provider.js';
export type PaymentsService = Payments &
  RefundsService &
  SettlementService &
  PastService &
  Pick<ChargingService & ConfirmingService, 'forActors'> & {
    readonly timelineOf: ReturnType<typeof createMoneyTimeline>;
  };

interface PaymentParts
  extends
    VisitDeps,
    Pick<ChargingDeps, 'audit' | 'transactSql' | 'clock' | 'newId' | 'reach' | 'billing'>,
    Pick<SettlementDeps & ConfirmingDeps, 'inbox'>,
    Pick<BooksDeps, 'outbox'> {
  readonly knex: Knex;
  readonly appointments: VisitDeps['appointments'] & PastDeps['appointments'];
  readonly config: PaymentConfig;
  readonly rendering: { readonly paperPdf: PaperPdf };
  readonly jwtSecret: string;
  readonly accounts: { standingOf(user_id: string): Promise<Standing | null> };
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
  const approvalAbove = config.refundApprovalAbove;
  const books = createBooks({ ...parts, ...tables, approvalAbove });
  const secret = config.callbackSecret ?? callbackSecretOf(parts.jwtSecret);
  const provider = config.provider === 'demo' ? demoProvider(secret) : null;
  const common = { ...parts, ...tables, books, provider };
  const payments = createPaymentsService(common);
  const charging = createChargingService({
    ...common,
    ...{ currency: config.currency, priceFor: payments.priceFor },
    ...{ visitOf: visitReader(parts), snapshotOf: billReader(parts) },
  });
  const confirming = createConfirmingService({ ...common, decided: charging.decided });
  const refunds = createRefundsService({
    ...{ ...common, approvalAbove, approverHours: config.approverHours },
    standingOf: parts.accounts.standingOf,
  });
  const settlement = createSettlementService(common);
  const past = createPastService({
    ...{ ...common, moneyOf: payments.moneyOf },
    rules: { currency: config.currency, approvalAbove, priceFor: payments.priceFor },
  });
  const forActors = {
    ...{ ...payments.forActors, ...charging.forActors },
    ...{ ...confirming.forActors, ...refunds.forActors },
  };
  return {
    service: {
      ...{ ...payments, ...settlement, ...past, refundsWaiting: refunds.refundsWaiting, forActors },
      timelineOf: createMoneyTimeline(knex),
    },
    routes: paymentRoutes(forActors, parts.rendering.paperPdf),
  };
}
