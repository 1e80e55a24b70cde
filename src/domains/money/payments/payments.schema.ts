import {
  dayOrInstant,
  flag,
  id,
  instant,
  listOf,
  money,
  name,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
  text,
  withDefault,
} from '../../../lib/fields.js';
import {
  documentKinds,
  ledgerAccounts,
  paymentFailures,
  paymentMethods,
  refundCauses,
  refundStatuses,
  transactionStatuses,
} from './payments.types.js';

/** Under the name that the other methods of the address know. */
export const bookingParams = shape({ transaction_id: id().description('Of the appointment that is paid.') });
export const billParams = shape({ id: id() });
export const transactionParams = shape({ transaction_id: id() });
export const refundParams = shape({ refund_id: id() });

export const payBody = shape({
  payment_method: optional(oneOf(...paymentMethods).description('Without it a card; at the desk, cash.')),
});

/** The word of a provider, signed in the header `Payment-Signature`. */
export const callbackParams = shape({ provider: name(30) });
export const callbackBody = shape({
  event_id: text(100).example('evt_1001'),
  type: oneOf('payment.authorized', 'payment.declined'),
  transaction_id: id(),
  amount: money(),
  currency: text(3).example('USD'),
});

export const refundBody = shape({
  amount: optional(money({ min: 0.01 }).description('Without it, all that is left of the payment.')),
  reason: optional(
    name(500)
      .example('Paid by the insurer')
      .description('Required with an `amount`; `not stated` without one.'),
  ),
});

export const rejectBody = shape({ reason: withDefault(nullable(text(500)), null) });

export const transactionQuery = shape({
  ...paging,
  patient_id: optional(id()),
  appointment_id: optional(id()),
  from: optional(dayOrInstant()),
  to: optional(dayOrInstant()),
});

export const refundQuery = shape({ ...paging, status: optional(oneOf(...refundStatuses)) });

export const documentQuery = shape({ format: optional(oneOf('json', 'pdf')) });

const currency = () => text(3).description('ISO 4217').example('USD');
const rate = () =>
  nullable(text(6).description('In percent; null when the item is exempt.').example('18.00'));
const number = (example: string) => text(30).example(example);

export const refundResponse = shape({
  refund_id: id(),
  transaction_id: id(),
  amount: money(),
  gst: nullable(money().description('Of the amount, what is tax; null until the money goes back.')),
  reason: text().example('Paid by the insurer'),
  status: oneOf(...refundStatuses),
  cause: oneOf(...refundCauses),
  requested_by: nullable(id().description('Of a cancellation: who cancelled.').example('U1001')),
  requested_at: instant(),
  decided_by: nullable(id().description('null: nobody had to decide.').example('U1002')),
  decided_at: nullable(instant()),
  decision_reason: nullable(text().example('Nothing was paid twice')),
  credit_note_number: nullable(number('CRN-000001')),
});

export const refundPage = pageOf(refundResponse);

export const transactionResponse = shape({
  transaction_id: id(),
  appointment_id: nullable(id()),
  bill_id: nullable(id().description('What it pays, when that is one bill and not a booking.')),
  patient_id: id(),
  fee: money(),
  gst_rate: rate(),
  gst: money(),
  total_fee: money(),
  currency: currency(),
  payment_method: oneOf(...paymentMethods),
  status: oneOf(...transactionStatuses),
  refunded: money(),
  refunds: listOf(refundResponse, 1000),
  invoice_number: nullable(number('INV-000001').description('null until it is paid, as the receipt.')),
  receipt_number: nullable(number('RCT-000001')),
  provider: nullable(text(30).example('demo').description('Who confirms it; null: the desk took it.')),
  is_demo: flag().description('Paid through a provider that moves no money.'),
  checkout_path: nullable(
    text(300)
      .example('/my/payments/T1001/card')
      .description('While it is pending: the page where the payer goes on.'),
  ),
  paid_at: nullable(instant()),
  failed_at: nullable(instant()),
  failure: nullable(oneOf(...paymentFailures)),
  booking: shape({
    appointment_id: nullable(id()),
    patient_id: id(),
    patient_name: text().example('Asha Rao'),
    doctor_id: nullable(id()),
    doctor_name: text().example('Dr Maya Iyer'),
    department_id: nullable(id()),
    department_name: text(),
    hospital_id: nullable(id()),
    hospital_name: text().example('Harbour Hospital'),
    date: instant(),
  }).description('As it was when it was paid.'),
  paid_by: id().example('U1001'),
  created_at: instant(),
  voided_at: nullable(instant()),
});

export const callbackResponse = shape({
  event_id: text(100),
  transaction_id: id(),
  status: oneOf(...transactionStatuses).description('`failed`: do not capture it.'),
});

export const transactionPage = pageOf(transactionResponse);

export const documentResponse = shape({
  kind: oneOf(...documentKinds),
  number: number('INV-000001'),
  refers_to: nullable(number('INV-000001').description('The invoice that it belongs to.')),
  issued_at: instant(),
  time_zone: text().example('America/New_York'),
  seller: shape({ name: text(), address: nullable(text()) }),
  buyer: shape({ patient_id: id(), name: text() }),
  transaction_id: id(),
  appointment_id: nullable(id()),
  visit: shape({
    doctor_name: text().example('Dr Maya Iyer'),
    department_name: text(),
    date: instant(),
  }),
  lines: listOf(
    shape({ description: text(), amount: money(), gst_rate: rate(), gst: money(), total: money() }),
  ),
  fee: money(),
  gst: money(),
  total_fee: money(),
  currency: currency(),
  payment_method: oneOf(...paymentMethods),
  is_demo: flag(),
  reason: nullable(text().example('Paid by the insurer')),
  voided_at: nullable(instant()),
});

const most = 1e13;
const sum = () => money({ max: most });
const balance = () => money({ min: -most, max: most });

export const trialBalanceResponse = shape({
  accounts: listOf(
    shape({ account: oneOf(...ledgerAccounts), debit: sum(), credit: sum(), balance: balance() }),
  ),
  sum: balance().description('Over all accounts: zero, at any moment.'),
});
