import { defineRoute, type AnyRoute, type Input } from '../../../http/route.js';
import { asTheServiceSays, ofEach, ofOne } from '../../../lib/audited.js';
import type { Beside } from '../../../lib/beside.js';
import {
  billParams,
  bookingParams,
  callbackBody,
  callbackParams,
  callbackResponse,
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
import type { ChargingService } from './charging.service.js';
import type { ConfirmingService } from './confirming.service.js';
import type { PaymentsService } from './payments.service.js';
import type { RefundsService } from './refunds.service.js';
import type { PaymentPaper } from './payments.types.js';

/** Makes a paper into a PDF, beside the event loop. */
export type PaperPdf = Beside<(document: PaymentPaper) => Promise<Buffer>>;

type Asking = Pick<Input<'transactions:read', undefined, undefined, undefined>, 'actor' | 'request'>;

const tag = 'payments';

type ForActors = PaymentsService['forActors'] &
  ChargingService['forActors'] &
  ConfirmingService['forActors'] &
  RefundsService['forActors'];

const payProblems = [
  'not_found',
  'already_paid',
  'already_refunded',
  'booking_not_payable',
  'payment_pending',
  'pay_at_desk',
  'no_card_payments',
] as const;

const payingRoutes = (payments: ForActors): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/transactions/:transaction_id',
    operationId: 'payBooking',
    tag,
    audit: { action: 'payment.pay', whose: ofOne },
    summary: 'Pay for a booking: the fee as it was booked, and the tax on it',
    description:
      'At the desk, cash and bank transfers are paid at once; a card is `pending` until its provider confirms it (a patient ' +
      'goes on at `checkout_path`), and nobody else can pay otherwise. A booking can be paid again when all of the payment ' +
      'before was refunded or it was voided, as long as something is owed.',
    permission: 'transactions:pay',
    params: bookingParams,
    body: payBody,
    status: 201,
    response: transactionResponse,
    problems: [...payProblems, 'patient_deceased'],
    idempotent: true,
    handle: async ({ actor, params, body, once }) => payments.pay(actor, params.transaction_id, body, once),
  }),
  defineRoute({
    method: 'post',
    path: '/billing/:id/payment',
    operationId: 'payBill',
    tag,
    audit: { action: 'payment.pay', whose: ofOne },
    summary: 'Pay what is owed of one charge; the bill of a visit is paid as the visit is',
    permission: 'transactions:pay',
    params: billParams,
    body: payBody,
    status: 201,
    response: transactionResponse,
    problems: payProblems,
    idempotent: true,
    handle: async ({ actor, params, body, once }) => payments.payBill(actor, params.id, body, once),
  }),
  defineRoute({
    method: 'get',
    path: '/transactions',
    operationId: 'listTransactions',
    tag,
    audit: { action: 'payment.list', whose: ofEach },
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
    audit: { action: 'payment.read', whose: ofOne },
    summary: 'One payment; a voided one is for managers and admins',
    permission: 'transactions:read',
    params: transactionParams,
    response: transactionResponse,
    problems: ['not_found'],
    handle: async ({ actor, params }) => payments.get(actor, params.transaction_id),
  }),
];

const refundRoute = (method: 'put' | 'patch', refunds: ForActors): AnyRoute =>
  defineRoute({
    method,
    path: '/transactions/:transaction_id',
    operationId: method === 'put' ? 'refundTransaction' : 'refundTransactionInPart',
    tag,
    audit: { action: 'payment.refund', whose: ofOne },
    summary: method === 'put' ? 'Refund a payment' : 'Refund a payment: as PUT',
    description:
      'Of `amount`, or of all that is left: without a body all of it, for a reason that is `not stated`. When the refunds of a payment come to more than the limit of the configuration, ' +
      'the refund waits (`pending`) until another admin approves it.',
    permission: 'transactions:refund',
    params: transactionParams,
    body: refundBody,
    response: transactionResponse,
    problems: [
      ...(['not_found', 'not_paid', 'refund_exceeds_payment', 'refund_waits'] as const),
      ...(['already_refunded', 'transaction_voided', 'second_factor_required'] as const),
    ],
    idempotent: true,
    handle: async ({ actor, params, body, once }) => refunds.refund(actor, params.transaction_id, body, once),
  });

const refundingRoutes = (refunds: ForActors): AnyRoute[] => [
  refundRoute('put', refunds),
  refundRoute('patch', refunds),
  defineRoute({
    method: 'delete',
    path: '/transactions/:transaction_id',
    operationId: 'voidTransaction',
    tag,
    audit: { action: 'payment.void', whose: asTheServiceSays },
    summary: 'Void a payment that was a mistake: it leaves the lists, the ledger keeps it and its reversal',
    permission: 'transactions:refund',
    params: transactionParams,
    problems: ['not_found', 'not_paid', 'transaction_voided', 'transaction_refunded', 'approval_needed'],
    idempotent: true,
    handle: async ({ actor, params, once }) => refunds.void(actor, params.transaction_id, once),
  }),
  defineRoute({
    method: 'get',
    path: '/refunds',
    operationId: 'listRefunds',
    tag,
    // A refund names its payment, and no person.
    audit: { action: 'refund.list', whose: () => [] },
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
    audit: { action: 'refund.approve', whose: asTheServiceSays },
    summary: 'Approve a refund that somebody else has asked for: the money goes back',
    description:
      'Who cancelled a booking has asked for its refund. A second person is somebody who has been an admin for ' +
      '`APPROVER_HOURS`, and has not made the account that asks within them.',
    permission: 'transactions:refund',
    params: refundParams,
    response: refundResponse,
    problems: ['not_found', 'same_person', 'new_approver', 'refund_decided', 'second_factor_required'],
    idempotent: true,
    handle: async ({ actor, params, once }) => refunds.approve(actor, params.refund_id, once),
  }),
  defineRoute({
    method: 'post',
    path: '/refunds/:refund_id/reject',
    operationId: 'rejectRefund',
    tag,
    audit: { action: 'refund.reject', whose: asTheServiceSays },
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

const papersAs = (paperPdf: PaperPdf) => ({
  'application/pdf': async (document: PaymentPaper, { actor, request }: Asking) => ({
    content: await paperPdf({ user: actor.user_id, signal: request.signal }, document),
    filename: `${document.number}.pdf`,
  }),
});

const documentRoutes = (payments: ForActors, paperPdf: PaperPdf): AnyRoute[] => [
  ...(['invoice', 'receipt'] as const).map((kind) =>
    defineRoute({
      method: 'get',
      path: `/transactions/:transaction_id/${kind}`,
      operationId: kind === 'invoice' ? 'getInvoice' : 'getReceipt',
      tag,
      audit: { action: 'payment.paper', whose: ({ buyer }) => [buyer.patient_id] },
      summary: `The ${kind} of a payment, as JSON or PDF`,
      description: 'It is there also when the payment was voided, and says so.',
      permission: 'transactions:read',
      params: transactionParams,
      query: documentQuery,
      response: documentResponse,
      problems: ['not_found'],
      representations: papersAs(paperPdf),
      handle: async ({ actor, params }) => payments[kind](actor, params.transaction_id),
    }),
  ),
  defineRoute({
    method: 'get',
    path: '/refunds/:refund_id/credit-note',
    operationId: 'getCreditNote',
    tag,
    audit: { action: 'payment.paper', whose: ({ buyer }) => [buyer.patient_id] },
    summary: 'The credit note of a refund, as JSON or PDF',
    permission: 'transactions:read',
    params: refundParams,
    query: documentQuery,
    response: documentResponse,
    problems: ['not_found'],
    representations: papersAs(paperPdf),
    handle: async ({ actor, params }) => payments.creditNote(actor, params.refund_id),
  }),
];

const ledgerRoutes = (payments: ForActors): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/ledger/trial-balance',
    operationId: 'getTrialBalance',
    tag: 'ledger',
    audit: 'none',
    summary: 'What every account of the ledger has come to, and their sum',
    permission: 'ledger:read',
    response: trialBalanceResponse,
    handle: async ({ actor }) => payments.trialBalance(actor),
  }),
];

const callbackRoutes = (payments: ForActors): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/payment-callbacks/:provider',
    operationId: 'receivePaymentCallback',
    tag,
    audit: { action: 'payment.confirm', whose: asTheServiceSays },
    summary: 'The word of a payment provider: a card is authorised, or declined',
    description:
      'Signed in `Payment-Signature: t=<seconds>,v1=<hex>`, the HMAC-SHA-256 of `<seconds>.<body>`; one of more than five ' +
      'minutes ago is refused. The same `event_id` again changes nothing. Capture only what is answered `paid`.',
    permission: 'public',
    ignoresToken: true,
    params: callbackParams,
    body: callbackBody,
    response: callbackResponse,
    problems: ['not_found', 'callback_refused', 'callback_mismatch'],
    handle: async ({ params, body, request: { raw_body, signature } }) =>
      payments.confirm(null, params.provider, body, { raw_body, signature }),
  }),
];

export const paymentRoutes = (payments: ForActors, paperPdf: PaperPdf): AnyRoute[] => [
  ...payingRoutes(payments),
  ...callbackRoutes(payments),
  ...refundingRoutes(payments),
  ...documentRoutes(payments, paperPdf),
  ...ledgerRoutes(payments),
];
