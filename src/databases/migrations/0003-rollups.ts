import type { Knex } from 'knex';
import { dropLedger, ledgerFunctions, ledgerTables, ledgerTriggers } from './0003-rollups.ledger.js';
import { addTo, counters, list } from './0003-rollups.sums.js';

/*
 * Figures that are summed beforehand, in the transaction that writes what they are of. Two transactions never wait for one
 * another's sums: of diseases each adds to rows of its own stripe, and who reads adds the stripes up; of the ledger, see
 * `0003-rollups.ledger.ts`. Amounts are whole cents.
 */

const stripes = 16;

const kinds = ['consultation', 'prescription'] as const;
const diseaseFigures = [
  'prescriptions',
  'cost',
  ...kinds.flatMap((kind) => [`${kind}_rows`, `${kind}_total`]),
];
const billedFigures = diseaseFigures.slice(2);
const pairFigures = ['prescriptions', ...kinds.map((kind) => `${kind}_rows`)];
const rowsOf = (kind: string): string => `count(*) filter (where kind = '${kind}')`;
const billedSums = kinds.flatMap((kind) => [
  `${rowsOf(kind)} as ${kind}_rows`,
  `coalesce(sum(100 * total_cost) filter (where kind = '${kind}'), 0)::bigint as ${kind}_total`,
]);
// By their bytes, in each writer: what is locked in one order by all is never waited for in a ring.
const diseaseKey = 'rollup_disease_key(disease_code, disease) collate "C"';

const addBills = (from: string, stripe: string): string => `
  ${addTo(
    'rollup_diseases',
    ['disease_key', 'disease', 'stripe'],
    billedFigures,
    `select ${diseaseKey}, disease collate "C", ${stripe}::smallint, ${list(billedSums)} from ${from} group by 1, 2`,
  )}
  ${addTo(
    'rollup_patient_diseases',
    ['disease_key', 'patient_id'],
    pairFigures.slice(1),
    `select coalesce(disease_key, '*') as disease_key, patient_id, ${list(kinds.map(rowsOf))}
    from (select ${diseaseKey} as disease_key, patient_id collate "C" as patient_id, kind from ${from}) as bill where disease_key <> ''
    group by grouping sets ((disease_key, patient_id), (patient_id))`,
  )}`;

/** Whether a patient has a disease in one store, and in both: by the kind of bill that is asked for. */
const presence: Readonly<Record<string, string>> = {
  prescribed: 'prescriptions > 0',
  consultation: 'consultation_rows > 0',
  prescription: 'prescription_rows > 0',
  either: 'consultation_rows + prescription_rows > 0',
  both_consultation: 'prescriptions > 0 and consultation_rows > 0',
  both_prescription: 'prescriptions > 0 and prescription_rows > 0',
  both_either: 'prescriptions > 0 and consultation_rows + prescription_rows > 0',
};

const addPresence = (...from: readonly (readonly [table: string, sign: 1 | -1])[]): string =>
  addTo(
    'rollup_disease_patients',
    ['disease_key', 'stripe'],
    Object.keys(presence),
    `select disease_key, rollup_stripe(), ${list(Object.keys(presence).map((name) => `sum(${name})`))}
    from (${from
      .map(
        ([table, sign]) =>
          `select disease_key, ${list(Object.entries(presence).map(([name, is]) => `${sign} * (${is})::int as ${name}`))} from ${table}`,
      )
      .join(' union all ')}) as patient
    group by 1 having ${Object.keys(presence)
      .map((name) => `sum(${name}) <> 0`)
      .join(' or ')}`,
  );

const tables = `
  -- Whose calendar the days and months of the sums are of.
  create table rollup_settings (one boolean primary key default true check (one), time_zone text not null);
  insert into rollup_settings (time_zone) values ('UTC');

  -- The sum rises with each commit that changes a figure.
  create table rollup_versions (stripe smallint primary key, n bigint not null);

  -- Of the disease \`\` are bills without one.
  create table rollup_diseases (
    disease_key text collate "C" not null, disease text collate "C", stripe smallint not null,
    ${counters(diseaseFigures)},
    unique nulls not distinct (disease_key, disease, stripe)
  ) with (fillfactor = 50);

  -- Of the disease \`*\` is what a patient has of any.
  create table rollup_patient_diseases (
    disease_key text collate "C" not null, patient_id text collate "C" not null,
    ${list(pairFigures.map((name) => `${name} integer not null default 0`))},
    primary key (disease_key, patient_id)
  ) with (fillfactor = 80);

  create table rollup_disease_patients (
    disease_key text collate "C" not null, stripe smallint not null, ${counters(Object.keys(presence))},
    primary key (disease_key, stripe)
  ) with (fillfactor = 50);

  -- How far MongoDB's prescriptions are in (projector.types.ts).
  create table projections (name text primary key, state jsonb not null);`;

const functions = `
  -- As keyText of the reports spells it.
  create function rollup_disease_key(disease_code text, disease text) returns text immutable parallel safe language sql
    return case when disease_code is not null then 'code ' || disease_code when disease is not null then 'name ' || disease
      else '' end;

  -- A stripe that is this transaction's alone; only when all are taken, it waits for one.
  create function rollup_stripe() returns smallint language plpgsql as $$
  declare own constant integer := pg_backend_pid() % ${stripes};
  begin
    for turn in 0..${stripes - 1} loop
      if pg_try_advisory_xact_lock(7215003, (own + turn) % ${stripes}) then return (own + turn) % ${stripes}; end if;
    end loop;
    perform pg_advisory_xact_lock(7215003, own);
    return own;
  end $$;

  create function rollup_changed(own smallint) returns void language plpgsql as $$
  begin
    insert into rollup_versions as kept values (own, 1) on conflict (stripe) do update set n = kept.n + 1;
  end $$;

  create function rollup_patients_added() returns trigger language plpgsql as $$
  begin ${addPresence(['added', 1])} return null; end $$;
  create function rollup_patients_changed() returns trigger language plpgsql as $$
  begin ${addPresence(['after', 1], ['before', -1])} return null; end $$;

  create function bill_to_rollup() returns trigger language plpgsql as $$
  declare own smallint;
  begin
    if not exists (select from billed) then return null; end if;
    own := rollup_stripe();
    ${addBills('billed', 'own')}
    perform rollup_changed(own);
    return null;
  end $$;

  create function rollup_recount_bills() returns void language plpgsql as $$
  begin
    lock table billing in share mode;
    perform rollup_stripe();
    lock table rollup_diseases, rollup_patient_diseases in share row exclusive mode;
    update rollup_diseases set ${list(billedFigures.map((name) => `${name} = 0`))};
    update rollup_patient_diseases set ${list(pairFigures.slice(1).map((name) => `${name} = 0`))};
    ${addBills('billing', '0')}
    perform rollup_changed(rollup_stripe());
  end $$;`;

const triggers = `
  create trigger rollup_patients_added after insert on rollup_patient_diseases
    referencing new table as added for each statement execute function rollup_patients_added();
  create trigger rollup_patients_changed after update on rollup_patient_diseases
    referencing old table as before new table as after for each statement execute function rollup_patients_changed();
  create trigger bill_to_rollup after insert on billing
    referencing new table as billed for each statement execute function bill_to_rollup();`;

/** REP-8, REP-9. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    set local statement_timeout = 0;
    ${tables} ${ledgerTables} ${functions} ${ledgerFunctions} ${triggers} ${ledgerTriggers}
    select rollup_recount_ledger('UTC'), rollup_recount_bills();`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop trigger bill_to_rollup on billing;
    ${dropLedger}
    drop table rollup_settings, rollup_versions, rollup_diseases, rollup_patient_diseases, rollup_disease_patients, projections;
    drop function rollup_recount_bills, bill_to_rollup, rollup_patients_added, rollup_patients_changed, rollup_changed,
      rollup_stripe, rollup_disease_key;`);
}
