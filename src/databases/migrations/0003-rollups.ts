import type { Knex } from 'knex';

/*
 * Figures that are summed beforehand, in the transaction that writes what they are of. Two transactions never wait for one
 * another's sums: each adds to rows of its own stripe, and who reads adds the stripes up. Amounts are whole cents.
 */

/** Of ledger entries `from`, where and by whom; null what nobody knows. A payment's entries are posted before its row is there. */
const placed = (from: string): string => `
  select entry.*, payment.transaction_id as payment_id,
    coalesce(bill.hospital_id, payment.hospital_id, first.hospital_id) collate "C" as hospital_id,
    coalesce(bill.department_id, payment.department_id, first.department_id) collate "C" as department_id,
    coalesce(bill.doctor_id, payment.doctor_id, first.doctor_id) collate "C" as doctor_id
  from ${from} as entry
  left join billing as bill on bill.id =
    case entry.kind when 'bill' then entry.journal_id when 'allowance' then substr(entry.journal_id, 11) end
  left join transactions as payment on payment.transaction_id = entry.transaction_id
  left join lateral (
    select hospital_id, department_id, doctor_id from transactions
    where entry.kind = 'forfeit' and attempt = 1 and appointment_id = entry.appointment_id collate "C" limit 1
  ) as first on true`;

/** The figures of ledger entries: each entry is in one amount, so that they hold what the ledger holds. */
const ledgerFigures: Readonly<Record<string, string>> = {
  billed: `-cents filter (where account = 'revenue')`,
  cancellation_fees: `-cents filter (where account = 'cancellation_fees')`,
  given_back: `cents filter (where account = 'refunds_given')`,
  tax: `-cents filter (where account = 'gst_payable')`,
  collected: `cents filter (where account = 'cash' and kind not in ('refund', 'void'))`,
  voided: `-cents filter (where account = 'cash' and kind = 'void')`,
  refunded: `-cents filter (where account = 'cash' and kind = 'refund')`,
  outstanding: `cents filter (where account = 'receivable')`,
  bills: `1 filter (where account = 'revenue' and kind = 'bill')`,
  transactions: `1 filter (where account = 'cash' and kind = 'payment')`,
  entries: '1',
};

const ledgerSums = Object.entries(ledgerFigures).map(([name, what]) => {
  const [value, filter = ''] = what.split(' filter ');
  return `coalesce(sum(${value})${filter && ` filter ${filter}`}, 0)::bigint as ${name}`;
});

const list = (names: readonly string[]): string => names.join(', ');
const added = (names: readonly string[]): string =>
  list(names.map((name) => `${name} = kept.${name} + excluded.${name}`));

/** Adds `rows` to a rollup, in the order of its key: whoever waits for a row holds none that comes behind it. */
const addTo = (table: string, key: readonly string[], figures: readonly string[], rows: string): string => `
  insert into ${table} as kept (${list([...key, ...figures])})
    ${rows}
    order by ${key.map((_, index) => index + 1).join(', ')}
    on conflict (${list(key)}) do update set ${added(figures)};`;

const ledgerKey = ['grain', 'start', 'doctor_id', 'department_id', 'hospital_id', 'stripe'];

const addEntries = (from: string, stripe: string, which = 'true'): string =>
  addTo(
    'rollup_ledger',
    ledgerKey,
    Object.keys(ledgerFigures),
    `select case when grouping(day) = 1 then 'month' else 'day' end, coalesce(day, month), doctor_id, department_id,
      hospital_id, ${stripe}::smallint, ${ledgerSums.join(',\n      ')}
    from (
      select *, (100 * amount)::bigint as cents, date_trunc('month', local)::date as month, local::date as day
      from (
        select *, posted_at at time zone (select time_zone from rollup_settings) as local
        from (${placed(from)}) as placed where ${which}
      ) as timed
    ) as dated
    group by grouping sets ((day, hospital_id, department_id, doctor_id), (month, hospital_id, department_id, doctor_id))`,
  );

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

const counters = (names: readonly string[]): string =>
  list(names.map((name) => `${name} bigint not null default 0`));

const tables = `
  -- Whose calendar the days and months of the sums are of.
  create table rollup_settings (one boolean primary key default true check (one), time_zone text not null);
  insert into rollup_settings (time_zone) values ('UTC');

  -- The sum rises with each commit that changes a figure.
  create table rollup_versions (stripe smallint primary key, n bigint not null);

  create table rollup_ledger (
    grain text not null check (grain in ('month', 'day')),
    start date not null,
    hospital_id text collate "C", department_id text collate "C", doctor_id text collate "C",
    stripe smallint not null,
    ${counters(Object.keys(ledgerFigures))},
    unique nulls not distinct (${list(ledgerKey)})
  ) with (fillfactor = 80);

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
  create table projections (name text primary key, state jsonb not null);

  create view ledger_places as ${placed('ledger_entries')};`;

/*
 * Plans of a function's statements are kept for the session. One that was made while \`billing\` was small, or for one row,
 * must not be that of a large one: so each look-up goes by an index.
 */
const byIndex = 'set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off';

const functions = `
  -- As keyText of the reports spells it.
  create function rollup_disease_key(disease_code text, disease text) returns text immutable parallel safe language sql
    return case when disease_code is not null then 'code ' || disease_code when disease is not null then 'name ' || disease
      else '' end;

  -- A stripe that is this transaction's alone; only when all are taken, it waits for one.
  create function rollup_stripe() returns smallint language plpgsql as $$
  declare own constant integer := pg_backend_pid() % 16;
  begin
    for turn in 0..15 loop
      if pg_try_advisory_xact_lock(7215003, (own + turn) % 16) then return (own + turn) % 16; end if;
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

  -- What is posted for a payment whose row is not there yet is added with the row.
  create function ledger_to_rollup() returns trigger language plpgsql ${byIndex} as $$
  declare own smallint;
  begin
    if not exists (select from posted) then return null; end if;
    own := rollup_stripe();
    ${addEntries('posted', 'own', 'transaction_id is null or payment_id is not null')}
    perform rollup_changed(own);
    return null;
  end $$;
  create function payment_to_rollup() returns trigger language plpgsql ${byIndex} as $$
  declare own smallint;
  begin
    if not exists (select from paid) then return null; end if;
    own := rollup_stripe();
    ${addEntries('(select ledger_entries.* from paid join ledger_entries using (transaction_id))', 'own')}
    perform rollup_changed(own);
    return null;
  end $$;

  -- Sums of the ledger by the calendar of this zone. Nobody writes meanwhile; readers see the figures of before. Tables are
  -- locked in the order in which a payment takes them.
  create function rollup_recount_ledger(zone text) returns void language plpgsql as $$
  begin
    lock table ledger_entries, transactions in share mode;
    update rollup_settings set time_zone = zone;
    delete from rollup_ledger;
    ${addEntries('ledger_entries', '0')}
    perform rollup_changed(rollup_stripe());
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
    referencing new table as billed for each statement execute function bill_to_rollup();
  create trigger ledger_to_rollup after insert on ledger_entries
    referencing new table as posted for each statement execute function ledger_to_rollup();
  create trigger payment_to_rollup after insert on transactions
    referencing new table as paid for each statement execute function payment_to_rollup();`;

/** REP-8, REP-9. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    set local statement_timeout = 0;
    ${tables} ${functions} ${triggers}
    select rollup_recount_ledger('UTC'), rollup_recount_bills();`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop trigger bill_to_rollup on billing;
    drop trigger ledger_to_rollup on ledger_entries;
    drop trigger payment_to_rollup on transactions;
    drop view ledger_places;
    drop table rollup_settings, rollup_versions, rollup_ledger, rollup_diseases, rollup_patient_diseases,
      rollup_disease_patients, projections;
    drop function rollup_recount_ledger, rollup_recount_bills, payment_to_rollup, ledger_to_rollup, bill_to_rollup,
      rollup_patients_added, rollup_patients_changed, rollup_changed, rollup_stripe, rollup_disease_key;`);
}
