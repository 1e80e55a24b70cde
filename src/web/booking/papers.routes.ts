import { renderPdf, type PaymentPaper } from '../../domains/money/payments/index.js';
import { id, shape } from '../../lib/fields.js';
import { definePage, type AnyPage, type Reply } from '../page.js';
import type { WebDeps } from '../web.deps.js';

/** Invoices, receipts and credit notes, as PDF. */
export const paperPages = ({ payments }: WebDeps): AnyPage[] => {
  const pdf = (document: PaymentPaper): Reply => ({
    file: renderPdf(document),
    type: 'application/pdf',
    filename: `${document.number}.pdf`,
  });
  return [
    ...(['invoice', 'receipt'] as const).map((kind) =>
      definePage({
        method: 'get',
        path: `/my/payments/:transaction_id/${kind}.pdf`,
        audience: 'patient',
        params: shape({ transaction_id: id() }),
        handle: async ({ actor, params: { transaction_id } }) =>
          pdf(await payments[kind](actor, transaction_id)),
      }),
    ),
    definePage({
      method: 'get',
      path: '/my/refunds/:refund_id/credit-note.pdf',
      audience: 'patient',
      params: shape({ refund_id: id() }),
      handle: async ({ actor, params: { refund_id } }) => pdf(await payments.creditNote(actor, refund_id)),
    }),
  ];
};
