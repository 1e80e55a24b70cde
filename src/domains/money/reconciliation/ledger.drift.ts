import type { LedgerFault, PaymentsService } from '../payments/index.js';
import type { DriftCheck } from './reconciliation.check.js';
import type { DriftKind } from './reconciliation.types.js';

export interface LedgerDeps {
  readonly payments: Pick<PaymentsService, 'faults'>;
}

/** How many of a kind are counted. */
const most = 10_000;

/** Of each kind, which of the ledger's own checks it stands for. */
const kinds: readonly {
  readonly kind: DriftKind;
  readonly title: string;
  readonly checks: readonly string[];
  readonly advice: string;
}[] = [
  {
    kind: 'ledger_unbalanced',
    title: 'journals that do not balance',
    checks: ['journals that do not balance'],
    advice: 'A trigger refuses them: somebody has switched it off. Post what is missing, with the reason.',
  },
  {
    kind: 'bill_not_posted',
    title: 'bills that are not in the ledger as they stand',
    checks: ['bills without their journal'],
    advice: 'A trigger posts them: somebody has switched it off. Post the journal of the bill.',
  },
  {
    kind: 'payment_not_posted',
    title: 'payments and refunds that are not in the ledger as they stand',
    checks: [
      'payments without their journal',
      'refunds without their journal',
      'journals of refunds that were not given',
      'payments in the ledger that were not confirmed',
    ],
    advice: 'They are written in one transaction with their journal: look for what was written by hand.',
  },
  {
    kind: 'refund_above_payment',
    title: 'payments that gave back more than came in',
    checks: ['refunds above their payment', 'payments that were voided after a refund, or twice'],
    advice: 'Ask the patient for the difference, and find out who gave it.',
  },
  {
    kind: 'paid_twice',
    title: 'bookings with two payments at a time',
    checks: ['bookings with two payments at a time'],
    advice: 'Refund one of the two.',
  },
  {
    kind: 'number_gap',
    title: 'numbers of invoices, receipts and credit notes that are missing',
    checks: [
      'gaps in the numbers of invoices',
      'gaps in the numbers of receipts',
      'gaps in the numbers of credit notes',
    ],
    advice:
      'A number is used in the transaction that takes it: a document was removed by hand. Tell the auditor.',
  },
];

/** The checks of the ledger that are looked at here: all there are, a test says. */
export const ledgerChecks: readonly string[] = kinds.flatMap(({ checks }) => checks);

/** BILL-4: the books of Postgres by themselves. Nothing of them is ever repaired by a program: they are evidence. */
export const ledgerDrift = ({ payments }: LedgerDeps): readonly DriftCheck[] =>
  kinds.map(({ checks, ...about }) => {
    const find = async (): Promise<{ id: string; check: string }[]> => {
      const faults: readonly LedgerFault[] = await payments.faults(checks, most);
      return faults.flatMap(({ check, examples }) => examples.map((id) => ({ id, check })));
    };
    return {
      ...about,
      async *scan() {
        const found = await find();
        yield { compared: found.length, suspects: [...new Set(found.map(({ id }) => id))] };
      },
      async recheck(ids) {
        const known = new Set(ids);
        return (await find())
          .filter(({ id }) => known.has(id))
          .map(({ id, check }) => ({ id, detail: check }));
      },
    };
  });
