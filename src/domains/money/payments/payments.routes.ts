import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { renderPdf } from './payments.pdf.js';
import {
  bookingParams,
  documentQuery,
  documentResponse,
  payBody,
  refundBody,
  refundPage,
  refundParams,
  refundQuery,
  refundResponse,
  rejectBody,
  transactionPage,
  transactionParams,
  transactionQuery,
  transactionResponse,
  trialBalanceResponse,
} from './payments.schema.js';
import type { PaymentsService } from './payments.service.js';
import type { RefundsService } from './refunds.service.js';
import type { PaymentPaper } from './payments.types.js';

const tag = 'payments';

const payingRoutes = (payments: PaymentsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/transactions/:appointment_id',
    operationId: 'payBooking',
    tag,
    summary: 'Pay for a booking: the fee as it was booked, and the tax on it',
    description:
      'A booking can be paid again when all of the payment before was refunded or it was voided, as long as something is owed.',
    permission: 'transactions:pay',
    params: bookingParams,
    body: payBody,
    status: 201,
    response: transactionResponse,
    problems: ['not_found', 'already_paid', 'already_refunded', 'booking_not_payable'],
    idempotent: true,
    handle: async ({ actor, params, body, once }) => payments.pay(actor, params.appointment_id, body, once),
  }),
  defineRoute({
    method: 'get',
    path: '/transactions',
    operationId: 'listTransactions',
    tag,
    summary: 'Payments, the newest first; a patient sees only their own',
    description: 'A voided one is not among them. `from` is in the period, `to` is not.',
    permission: 'transactions:read',
    query: transactionQuery,
    response: transactionPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => payments.list(actor, query),
  }),
  defineRoute({
    method: 'get',
    path: '/transactions/:transaction_id',
    operationId: 'getTransaction',
    tag,
    summary: 'One payment; a voided one is for managers and admins',
    permission: 'transactions:read',
    params: transactionParams,
    response: transactionResponse,
    problems: ['not_found'],
    handle: async ({ actor, params }) => payments.get(actor, params.transaction_id),
  }),
];

const refundRoute = (method: 'put' | 'patch', refunds: RefundsService['forActors']): AnyRoute =>
  defineRoute({
    method,
    path: '/transactions/:transaction_id',
    operationId: method === 'put' ? 'refundTransaction' : 'refundTransactionInPart',
    tag,
    summary: method === 'put' ? 'Refund a payment' : 'Refund a payment: as PUT',
    description:
      'Of `amount`, or of all that is left. When the refunds of a payment come to more than the limit of the configuration, ' +
      'the refund waits (`pending`) until another admin approves it.',
    permission: 'transactions:refund',
    params: transactionParams,
    body: refundBody,
    response: transactionResponse,
    problems: ['not_found', 'refund_exceeds_payment', 'already_refunded', 'transaction_voided'],
    idempotent: true,
    handle: async ({ actor, params, body, once }) => refunds.refund(actor, params.transaction_id, body, once),
  });

const refundingRoutes = (refunds: RefundsService['forActors']): AnyRoute[] => [
  refundRoute('put', refunds),
  refundRoute('patch', refunds),
  defineRoute({
    method: 'delete',
    path: '/transactions/:transaction_id',
    operationId: 'voidTransaction',
    tag,
    summary: 'Void a payment that was a mistake: it leaves the lists, the ledger keeps it and its reversal',
    permission: 'transactions:refund',
    params: transactionParams,
    problems: ['not_found', 'transaction_voided', 'transaction_refunded', 'approval_needed'],
    idempotent: true,
    handle: async ({ actor, params, once }) => refunds.void(actor, params.transaction_id, once),
  }),
  defineRoute({
    method: 'get',
    path: '/refunds',
    operationId: 'listRefunds',
    tag,
    summary: 'Refunds, the newest first: those that wait for a second admin with `?status=pending`',
    permission: 'transactions:refund',
    query: refundQuery,
    response: refundPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => refunds.listRefunds(actor, query),
  }),
  defineRoute({
    method: 'post',
    path: '/refunds/:refund_id/approve',
    operationId: 'approveRefund',
    tag,
    summary: 'Approve a refund that somebody else has asked for: the money goes back',
    permission: 'transactions:refund',
    params: refundParams,
    response: refundResponse,
    problems: ['not_found', 'same_person', 'refund_decided'],
    idempotent: true,
    handle: async ({ actor, params, once }) => refunds.approve(actor, params.refund_id, once),
  }),
  defineRoute({
    method: 'post',
    path: '/refunds/:refund_id/reject',
    operationId: 'rejectRefund',
    tag,
    summary: 'Reject a refund that somebody else has asked for',
    permission: 'transactions:refund',
    params: refundParams,
    body: rejectBody,
    response: refundResponse,
    problems: ['not_found', 'same_person', 'refund_decided'],
    idempotent: true,
    handle: async ({ actor, params, body, once }) =>
      refunds.reject(actor, params.refund_id, body.reason, once),
  }),
];

const asPdf = {
  'application/pdf': (document: PaymentPaper) => ({
    content: renderPdf(document),
    filename: `${document.number}.pdf`,
  }),
} as const;

const documentRoutes = (payments: PaymentsService['forActors']): AnyRoute[] => [
  ...(['invoice', 'receipt'] as const).map((kind) =>
    defineRoute({
      method: 'get',
      path: `/transactions/:transaction_id/${kind}`,
      operationId: kind === 'invoice' ? 'getInvoice' : 'getReceipt',
      tag,
      summary: `The ${kind} of a payment, as JSON or PDF`,
      description: 'It is there also when the payment was voided, and says so.',
      permission: 'transactions:read',
      params: transactionParams,
      query: documentQuery,
      response: documentResponse,
      problems: ['not_found'],
      representations: asPdf,
      handle: async ({ actor, params }) => payments[kind](actor, params.transaction_id),
    }),
  ),
  defineRoute({
    method: 'get',
    path: '/refunds/:refund_id/credit-note',
    operationId: 'getCreditNote',
    tag,
    summary: 'The credit note of a refund, as JSON or PDF',
    permission: 'transactions:read',
    params: refundParams,
    query: documentQuery,
    response: documentResponse,
    problems: ['not_found'],
    representations: asPdf,
    handle: async ({ actor, params }) => payments.creditNote(actor, params.refund_id),
  }),
];

const ledgerRoutes = (payments: PaymentsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/ledger/trial-balance',
    operationId: 'getTrialBalance',
    tag: 'ledger',
    summary: 'What every account of the ledger has come to, and their sum',
    permission: 'ledger:read',
    response: trialBalanceResponse,
    handle: async ({ actor }) => payments.trialBalance(actor),
  }),
];

export const paymentRoutes = (
  payments: PaymentsService['forActors'],
  refunds: RefundsService['forActors'],
): AnyRoute[] => [
  ...payingRoutes(payments),
  ...refundingRoutes(refunds),
  ...documentRoutes(payments),
  ...ledgerRoutes(payments),
];
