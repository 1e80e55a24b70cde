import fc from 'fast-check';
import type { Act, Booking } from './model.js';

/*
 * A history as it is made up: what is tried, one after the other. What of it is possible turns out when it is its turn,
 * so any part of a history is one too, and a failing one shrinks to a short one.
 */

/** How long before the visit it is: later than the first step of the refund policy, than its second, or in time. */
export const leads = ['late', 'soon', 'early'] as const;
export type Lead = (typeof leads)[number];

export const percentOf: Readonly<Record<Lead, number>> = { late: 0, soon: 50, early: 100 };

export type Step =
  | { readonly do: 'book'; readonly lead: Lead }
  | { readonly do: 'pay'; readonly by: 'patient' | 'admin' }
  /** In thousandths of the payment; null: all that is left. */
  | { readonly do: 'refund'; readonly share: number | null; readonly by: number }
  | { readonly do: 'decide'; readonly approve: boolean; readonly by: number }
  | { readonly do: 'void' }
  | { readonly do: 'cancel'; readonly whose: 'pat' | 'prov' }
  | { readonly do: 'reschedule'; readonly lead: Lead }
  | { readonly do: 'complete' }
  /** The nth move of money again, under its key. */
  | { readonly do: 'replay'; readonly nth: number }
  /** Two at the same moment. */
  | { readonly do: 'both'; readonly steps: readonly [Step, Step] };

export interface History {
  /** Which doctor: they differ in what they take. */
  readonly doctor: number;
  readonly steps: readonly Step[];
}

const of = <const D extends Step['do'], F extends object>(name: D, fields: F) => ({ do: name, ...fields });
const lead = fc.constantFrom(...leads);
const by = fc.constantFrom(0, 1);

const single: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('patient' as const, 'admin' as const).map((who) => of('pay', { by: who })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.option(fc.integer({ min: 1, max: 1100 }), { freq: 3, nil: null }), by)
      .map(([share, who]) => of('refund', { share, by: who })),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(fc.boolean(), by).map(([approve, who]) => of('decide', { approve, by: who })),
  },
  { weight: 2, arbitrary: fc.constant(of('void', {})) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('pat' as const, 'prov' as const).map((whose) => of('cancel', { whose })),
  },
  { weight: 1, arbitrary: lead.map((when) => of('reschedule', { lead: when })) },
  { weight: 2, arbitrary: fc.constant(of('complete', {})) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: single },
  { weight: 3, arbitrary: fc.nat(20).map((nth) => of('replay', { nth })) },
  { weight: 5, arbitrary: fc.tuple(single, single).map((steps) => of('both', { steps })) },
  { weight: 1, arbitrary: lead.map((when) => of('book', { lead: when })) },
);

const first = lead.map((when) => of('book', { lead: when }));

export const histories: fc.Arbitrary<History> = fc.record({
  doctor: fc.nat(1000),
  // Most histories pay at once: what comes after is what goes wrong.
  steps: fc
    .tuple(first, fc.boolean(), fc.array(step, { minLength: 2, maxLength: 10 }))
    .map(([book, pays, rest]) => [book, ...(pays ? [of('pay', { by: 'patient' } as const)] : []), ...rest]),
});

/** The step as an act on this booking as it stands; null: there is nothing that it could be about. */
export function actOf(step: Step, booking: Booking): Act | null {
  const payment = booking.payments.length - 1;
  switch (step.do) {
    case 'refund': {
      if (payment < 0) return null;
      const { share, by: who } = step;
      const amount = share === null ? null : Math.max(1, Math.floor((booking.total * share) / 1000));
      return { do: 'refund', payment, amount, by: who };
    }
    case 'decide': {
      const refund = booking.payments.at(-1)?.refunds.findIndex(({ status }) => status === 'pending') ?? -1;
      return refund < 0 ? null : { ...step, payment, refund };
    }
    case 'void':
      return payment < 0 ? null : { do: 'void', payment };
    case 'reschedule':
      return { do: 'reschedule', percent: percentOf[step.lead] };
    case 'pay':
    case 'cancel':
    case 'complete':
      return step;
    default:
      return null;
  }
}
