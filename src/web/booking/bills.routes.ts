import { id, shape } from '../../lib/fields.js';
import { path } from '../../lib/html.js';
import type { Problem } from '../../lib/errors.js';
import { mistakesOf } from '../mistakes.js';
import { definePage, type AnyPage, type PatientActor, type View } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { billsPage, demoCardPage } from './bills.page.js';
import { newKey } from './calendars.js';

/** Where a payment is shown: its visit, or the bills. */
const placeOf = ({ appointment_id, bill_id }: { appointment_id: string | null; bill_id: string | null }) =>
  bill_id !== null || appointment_id === null ? '/my/bills' : path`/my/appointments/${appointment_id}`;

/** BILL-8: what a patient owes, and the card that pays it. */
export const billPages = (deps: WebDeps): AnyPage[] => {
  const { billing, payments, currency, takesCards, timeZone: zone } = deps;

  async function bills(actor: PatientActor, problem?: Problem): Promise<View> {
    const [open, balance] = [await billing.listOpen(actor), await billing.balance(actor)];
    return billsPage({
      ...{ bills: open, balance, currency, takesCards, zone, form_key: newKey() },
      mistakes: problem ? mistakesOf(problem) : [],
    });
  }

  const card = shape({ transaction_id: id() });
  return [
    definePage({
      method: 'get',
      path: '/my/bills',
      audience: 'patient',
      audit: 'billing.list',
      handle: async ({ actor }) => ({ view: await bills(actor) }),
    }),
    definePage({
      method: 'post',
      path: '/my/bills/:id/pay',
      audience: 'patient',
      audit: 'payment.pay',
      params: shape({ id: id() }),
      async handle({ actor, params, once }) {
        const { checkout_path } = await payments.payBill(actor, params.id, { payment_method: 'card' }, once);
        return { to: checkout_path ?? '/my/bills' };
      },
      refused: ({ actor, problem }) => bills(actor, problem),
    }),
    definePage({
      method: 'get',
      path: '/my/payments/:transaction_id/card',
      audience: 'patient',
      audit: 'payment.read',
      params: card,
      async handle({ actor, params: { transaction_id } }) {
        const payment = await payments.get(actor, transaction_id);
        if (!payment.is_demo) return { to: placeOf(payment) };
        return { view: demoCardPage({ ...payment, back: placeOf(payment), form_key: newKey() }) };
      },
    }),
    ...(['pay', 'decline'] as const).map((decision) =>
      definePage({
        method: 'post',
        path: `/my/payments/:transaction_id/card/${decision}`,
        audience: 'patient',
        audit: 'payment.confirm',
        params: card,
        async handle({ actor, params: { transaction_id } }) {
          const type = decision === 'pay' ? 'payment.authorized' : 'payment.declined';
          await payments.decideDemo(actor, transaction_id, type);
          return { to: placeOf(await payments.get(actor, transaction_id)) };
        },
      }),
    ),
  ];
};
