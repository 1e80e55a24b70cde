import { isDeepStrictEqual } from 'node:util';
import { BSON, type Document } from 'mongodb';
import type { Knex } from '../../../databases/postgres/postgres.js';
import type {
  Change,
  ProjectionSink,
  ProjectionState,
} from '../../../databases/projector/projector.types.js';
import { sqlOf } from '../../../databases/postgres/sql-transact.js';
import { toCents } from '../../../lib/money.js';
import type { SqlTransaction, TransactSql } from '../../../lib/transaction.js';
import { keyText } from '../engine/reports.ranking.js';

/*
 * REP-4: what MongoDB's prescriptions come to, kept in Postgres beside what was billed, so that the two stores' figures are
 * joined already when somebody asks.
 */

const name = 'prescribed';
/** Raised when the figures come to mean something else. */
const definition = 'prescribed 1';

/** A state as JSON has it: moments are 64 bits wide, and a token may hold what only BSON has. */
type Stored = Record<string, unknown>;

const pack = ({ token, ...state }: ProjectionState): Stored => ({
  ...(JSON.parse(
    JSON.stringify(state, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
  ) as Stored),
  token: BSON.EJSON.serialize(token ?? null),
});

const unpack = ({ token, ...stored }: Stored): ProjectionState => ({
  ...(JSON.parse(JSON.stringify(stored), (key, value: unknown) =>
    key === 'position' || key === 'at' ? BigInt(String(value)) : value,
  ) as ProjectionState),
  token: BSON.EJSON.deserialize(token as Document) as unknown,
});

/** Whether a writer that read `from` is still the one who writes, where it left off. */
const isAt = (stored: Stored, from: ProjectionState): boolean => {
  const { token, fence, build } = pack(from);
  return isDeepStrictEqual([stored['token'], stored['fence'], stored['build']], [token, fence, build]);
};

interface Sum {
  readonly disease_key: string;
  prescriptions: number;
}
type PatientSum = Sum & { readonly patient_id: string };
type DiseaseSum = Sum & { readonly disease: string | null; cents: bigint };

/** What the changes add to each disease as it is written, and to each patient with it; `*` is any disease. Pure. */
function prescribedSums(changes: readonly Change[]): {
  diseases: readonly DiseaseSum[];
  patients: readonly PatientSum[];
} {
  const diseases = new Map<string, DiseaseSum>();
  const patients = new Map<string, PatientSum>();
  const add = (document: Document | null, sign: 1 | -1): void => {
    if (!document) return;
    const disease = (document['disease'] ?? null) as string | null;
    const disease_code = (document['disease_code'] ?? null) as string | null;
    if (disease === null && disease_code === null) return;
    const disease_key = keyText({ disease_code, disease });
    const patient_id = document['patient_id'] as string;
    const written = JSON.stringify([disease_key, disease]);
    const sum = diseases.get(written) ?? { disease_key, disease, prescriptions: 0, cents: 0n };
    sum.prescriptions += sign;
    sum.cents += BigInt(sign) * toCents(String(document['cost']));
    diseases.set(written, sum);
    for (const key of [disease_key, '*']) {
      const pair = JSON.stringify([key, patient_id]);
      const one = patients.get(pair) ?? { disease_key: key, patient_id, prescriptions: 0 };
      one.prescriptions += sign;
      patients.set(pair, one);
    }
  };
  for (const { before, after } of changes) {
    add(before, -1);
    add(after, 1);
  }
  return {
    diseases: [...diseases.values()].filter(
      ({ prescriptions, cents }) => prescriptions !== 0 || cents !== 0n,
    ),
    patients: [...patients.values()].filter(({ prescriptions }) => prescriptions !== 0),
  };
}

// In the order of the keys, and diseases before patients, as the trigger of the bills: none waits for the other in a ring.
const addDiseases = `
  insert into rollup_diseases as kept (disease_key, disease, stripe, prescriptions, cost)
    select disease_key, disease, rollup_stripe(), prescriptions, cents
    from jsonb_to_recordset(?::jsonb) as given (disease_key text, disease text, prescriptions bigint, cents bigint)
    order by disease_key collate "C", disease collate "C"
    on conflict (disease_key, disease, stripe) do update
    set prescriptions = kept.prescriptions + excluded.prescriptions, cost = kept.cost + excluded.cost`;

const addPatients = `
  insert into rollup_patient_diseases as kept (disease_key, patient_id, prescriptions)
    select disease_key, patient_id, prescriptions
    from jsonb_to_recordset(?::jsonb) as given (disease_key text, patient_id text, prescriptions integer)
    order by disease_key collate "C", patient_id collate "C"
    on conflict (disease_key, patient_id) do update set prescriptions = kept.prescriptions + excluded.prescriptions`;

const forget = `
  -- As a bill takes them: a stripe before the tables.
  select rollup_stripe();
  lock table rollup_diseases, rollup_patient_diseases in share row exclusive mode;
  update rollup_diseases set prescriptions = 0, cost = 0 where prescriptions <> 0 or cost <> 0;
  update rollup_patient_diseases set prescriptions = 0 where prescriptions <> 0`;

const asJson = (rows: readonly object[]): string =>
  JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

export function createPrescribedSink(knex: Knex, transactSql: TransactSql): ProjectionSink {
  const states = (tx?: SqlTransaction) =>
    sqlOf(knex, tx)<{ name: string; state: Stored }>('projections').where({ name });
  const changed = 'select rollup_changed(rollup_stripe())';

  return {
    name,
    definition,
    sources: [{ collection: 'prescriptions', fields: ['patient_id', 'disease', 'disease_code', 'cost'] }],

    async read() {
      const row = await states().first();
      return row ? unpack(row.state) : null;
    },

    reset: (state) =>
      transactSql(async (tx) => {
        const sql = sqlOf(knex, tx);
        const first = { name, state: JSON.stringify(pack(state)) };
        const made = await sql('projections').insert(first).onConflict().ignore().returning('name');
        if (made.length === 0) {
          const row = await states(tx).forUpdate().first();
          if (unpack(row!.state).fence > state.fence) return false;
          await states(tx).update({ state: first.state } as never);
        }
        await sql.raw('set local statement_timeout = 0');
        await sql.raw(forget);
        await sql.raw(changed);
        return true;
      }),

    apply: (changes, from, to) =>
      transactSql(async (tx) => {
        const sql = sqlOf(knex, tx);
        const row = await states(tx).forUpdate().first();
        if (!row || !isAt(row.state, from)) return false;
        const { diseases, patients } = prescribedSums(changes);
        if (diseases.length > 0) await sql.raw(addDiseases, [asJson(diseases)]);
        if (patients.length > 0) await sql.raw(addPatients, [asJson(patients)]);
        if (diseases.length + patients.length > 0) await sql.raw(changed);
        await states(tx).update({ state: JSON.stringify(pack(to)) } as never);
        return true;
      }),
  };
}
