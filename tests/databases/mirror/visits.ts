import fc from 'fast-check';
import type { Connection } from 'mongoose';
import { createTransact, sessionOf } from '../../../src/databases/mongo/mongo.js';
import type { CollectionTable, MirrorQuery } from '../../../src/databases/mirror/mirror.types.js';

/* Visits with doses: two tables of a mirror, and random histories of them. */

interface Dose {
  drug?: string | null;
  amount?: number;
}
interface Doc {
  _id: string;
  status?: string | null;
  minutes?: number | string;
  other?: number;
  doses?: Dose[] | null;
}

export const visits: CollectionTable = {
  name: 'visits',
  collection: 'visits',
  key: 'digest',
  columns: [
    { name: 'visit_id', type: 'text', from: '_id' },
    { name: 'status', type: 'word', from: 'status' },
    { name: 'minutes', type: 'integer', from: 'minutes' },
  ],
};
export const doses: CollectionTable = {
  name: 'doses',
  collection: 'visits',
  each: 'doses',
  ...{ key: 'visit_id', keyType: 'word' },
  columns: [
    { name: 'drug', type: 'text', from: 'drug' },
    { name: 'amount', type: 'integer', from: 'amount' },
  ],
};
export const allVisits: MirrorQuery = {
  ...{ text: 'select visit_id, status, minutes from visits order by visit_id', bindings: [] },
  words: ['status'],
};
export const allDoses: MirrorQuery = {
  text: 'select word as visit_id, drug, amount from doses join words on code = visit_id order by all',
  bindings: [],
};
export const visitsOf = (connection: Connection) => connection.collection<Doc>('visits');
type Visits = ReturnType<typeof visitsOf>;

const id = fc.nat(7).map((n) => `V${n}`);
const dose = fc.record({ drug: fc.constantFrom('A', 'B', null), amount: fc.nat(9) }, { requiredKeys: [] });
const fields = fc.record(
  {
    ...{ status: fc.constantFrom('open', 'done', null), minutes: fc.nat(90), other: fc.nat(3) },
    doses: fc.option(fc.array(dose, { maxLength: 3 })),
  },
  { requiredKeys: [] },
);
const one = fc.oneof(
  fc.record({ do: fc.constant('put' as const), id, fields }),
  fc.record({ do: fc.constant('set' as const), id, fields }),
  fc.record({
    do: fc.constant('unset' as const),
    id,
    field: fc.constantFrom('status', 'minutes', 'doses'),
  }),
  fc.record({ do: fc.constant('push' as const), id, dose }),
  fc.record({ do: fc.constant('pop' as const), id }),
  fc.record({ do: fc.constant('dose' as const), id, at: fc.nat(1), amount: fc.nat(9) }),
  fc.record({ do: fc.constant('remove' as const), id }),
);
type One = typeof one extends fc.Arbitrary<infer T> ? T : never;

async function take(documents: Visits, step: One, session = {}): Promise<void> {
  const which = { _id: step.id };
  if (step.do === 'put') await documents.replaceOne(which, step.fields, { ...session, upsert: true });
  else if (step.do === 'set')
    await documents.updateOne(which, { $set: { ...step.fields, touched: true } }, session);
  else if (step.do === 'unset') await documents.updateOne(which, { $unset: { [step.field]: '' } }, session);
  else if (step.do === 'push')
    await documents.updateOne(
      { ...which, doses: { $type: 'array' } },
      { $push: { doses: step.dose } },
      session,
    );
  else if (step.do === 'pop')
    await documents.updateOne({ ...which, doses: { $type: 'array' } }, { $pop: { doses: 1 } }, session);
  else if (step.do === 'dose')
    await documents.updateOne(
      { ...which, [`doses.${step.at}`]: { $exists: true } },
      { $set: { [`doses.${step.at}.amount`]: step.amount } },
      session,
    );
  else await documents.deleteOne(which, session);
}

/** Each alone, or all in one transaction. */
export const history = fc.array(
  fc.record({ steps: fc.array(one, { minLength: 1, maxLength: 4 }), whole: fc.boolean() }),
  {
    minLength: 3,
    maxLength: 12,
  },
);

export async function play(
  connection: Connection,
  parts: readonly { readonly steps: readonly One[]; readonly whole: boolean }[],
): Promise<void> {
  const transact = createTransact(connection);
  const documents = visitsOf(connection);
  for (const { steps, whole } of parts)
    if (whole)
      await transact(async (tx) => {
        for (const step of steps) await take(documents, step, sessionOf(tx));
      });
    else for (const step of steps) await take(documents, step);
}
