import type { PaymentPaper } from '../../domains/money/payments/index.js';
import type { RequestFacts } from '../../http/route.js';
import type { Actor } from '../../lib/actor.js';
import { id, shape } from '../../lib/fields.js';
import { definePage, type AnyPage, type Reply } from '../page.js';
import type { WebDeps } from '../web.deps.js';

/** Invoices, receipts and credit notes, as PDF. */
export const paperPages = ({ payments, rendering }: WebDeps): AnyPage[] => {
  const pdf = async (document: PaymentPaper, actor: Actor, { signal }: RequestFacts): Promise<Reply> => ({
    file: await rendering.paperPdf({ user: actor.user_id, signal }, document),
    type: 'application/pdf',
    filename: `${document.number}.pdf`,
  });
  return [
    ...(['invoice', 'receipt'] as const).map((kind) =>
      definePage({
        method: 'get',
        path: `/my/payments/:transaction_id/${kind}.pdf`,
        audience: 'patient',
        audit: 'payment.paper',
        params: shape({ transaction_id: id() }),
        handle: async ({ actor, params: { transaction_id }, request }) =>
          pdf(await payments[kind](actor, transaction_id), actor, request),
      }),
    ),
    definePage({
      method: 'get',
      path: '/my/refunds/:refund_id/credit-note.pdf',
      audience: 'patient',
      audit: 'payment.paper',
      params: shape({ refund_id: id() }),
      handle: async ({ actor, params: { refund_id }, request }) =>
        pdf(await payments.creditNote(actor, refund_id), actor, request),
    }),
  ];
};
