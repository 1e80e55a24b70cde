import { addTo, counters, list, sums } from './0003-rollups.sums.js';

/*
 * Of the ledger. Anyone who posts adds rows of their own and waits for nobody: what is summed up is these deltas and, where they
 * were folded already, one row for each level of places of each grain of time.
 */

/** Of ledger entries `from`, where and by whom; null what nobody knows. A payment's entries are posted before its row is there. */
export const placed = (from: string): string => `
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

const figures = Object.keys(ledgerFigures);
const ledgerSums = Object.entries(ledgerFigures).map(([name, what]) => {
  const [value, filter = ''] = what.split(' filter ');
  return `coalesce(sum(${value})${filter && ` filter ${filter}`}, 0)::bigint as ${name}`;
});

const places = ['hospital_id', 'department_id', 'doctor_id'];
const ledgerKey = ['level', 'grain', 'start', ...places];

/** What entries come to by day and place, as rows of their own. */
const addEntries = (from: string, which = 'true'): string => `
  insert into rollup_ledger_deltas (day, ${list([...places, ...figures])})
    select (posted_at at time zone (select time_zone from rollup_settings))::date, ${list(places)},
      ${ledgerSums.join(',\n      ')}
    from (select *, (100 * amount)::bigint as cents from (${placed(from)}) as placed where ${which}) as entry
    group by 1, ${list(places)};`;

/** The deltas `taken`, as they add to each level of places of each grain of time. */
const foldDeltas = addTo(
  'rollup_ledger',
  ledgerKey,
  figures,
  `select case grouping(hospital_id, department_id, doctor_id)
        when 0 then 'doctor' when 1 then 'department' when 3 then 'hospital' else 'network' end,
      case when grouping(day) = 0 then 'day' when grouping(month) = 0 then 'month' else 'year' end,
      coalesce(day, month, year), ${list(places)}, ${sums(figures)}
    from (
      select day, date_trunc('month', day)::date as month, date_trunc('year', day)::date as year, ${list(places)},
        ${sums(figures)}
      from taken group by day, ${list(places)}
    ) as days
    group by grouping sets (day, month, year), rollup (${list(places)})`,
);

/*
 * Plans of a function's statements are kept for the session. One that was made while `billing` was small, or for one row,
 * must not be that of a large one: so each look-up goes by an index.
 */
const byIndex = 'set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off';

/** One folds at a time. */
const foldLock = '7215003, 16';

export const ledgerTables = `
  -- What the ledger comes to, but for the deltas. A level has the places up to it: 'hospital' is all of a hospital.
  create table rollup_ledger (
    level text collate "C" not null check (level in ('network', 'hospital', 'department', 'doctor')),
    grain text collate "C" not null check (grain in ('year', 'month', 'day')),
    start date not null,
    ${list(places.map((name) => `${name} text collate "C"`))},
    ${counters(figures)},
    unique nulls not distinct (${list(ledgerKey)})
  ) with (fillfactor = 80);

  -- What was posted since the last fold. Without a key, for no row is ever looked for.
  create table rollup_ledger_deltas (
    day date not null,
    ${list(places.map((name) => `${name} text collate "C"`))},
    ${list(figures.map((name) => `${name} bigint not null`))}
  ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

  -- For the entries that a payment finds when it comes.
  create index ledger_entries_transaction on ledger_entries (transaction_id) where transaction_id is not null;

  create view ledger_places as ${placed('ledger_entries')};`;

export const ledgerFunctions = `
  -- What is posted for a payment whose row is not there yet is added with the row.
  create function ledger_to_rollup() returns trigger language plpgsql ${byIndex} as $$
  begin
    if not exists (select from posted) then return null; end if;
    ${addEntries('posted', 'transaction_id is null or payment_id is not null')}
    perform rollup_changed(rollup_stripe());
    return null;
  end $$;
  create function payment_to_rollup() returns trigger language plpgsql ${byIndex} as $$
  begin
    if not exists (select from paid) then return null; end if;
    ${addEntries('(select ledger_entries.* from paid join ledger_entries using (transaction_id))')}
    perform rollup_changed(rollup_stripe());
    return null;
  end $$;

  -- Folds some of the deltas, so that no transaction is long; 0 when there are none, and while another one folds.
  create function rollup_fold_ledger() returns integer language plpgsql as $$
  declare folded integer;
  begin
    if not pg_try_advisory_xact_lock(${foldLock}) then return 0; end if;
    with taken as (
      delete from rollup_ledger_deltas where ctid = any (array(select ctid from rollup_ledger_deltas limit 50000)) returning *
    )${foldDeltas}
    get diagnostics folded = row_count;
    return folded;
  end $$;

  -- Sums of the ledger by the calendar of this zone. Nobody writes meanwhile; readers see the figures of before. Tables are
  -- locked in the order in which a payment takes them.
  create function rollup_recount_ledger(zone text) returns void language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(${foldLock});
    lock table ledger_entries, transactions in share mode;
    update rollup_settings set time_zone = zone;
    delete from rollup_ledger;
    delete from rollup_ledger_deltas;
    ${addEntries('ledger_entries')}
    while rollup_fold_ledger() > 0 loop end loop;
    perform rollup_changed(rollup_stripe());
  end $$;`;

export const ledgerTriggers = `
  create trigger ledger_to_rollup after insert on ledger_entries
    referencing new table as posted for each statement execute function ledger_to_rollup();
  create trigger payment_to_rollup after insert on transactions
    referencing new table as paid for each statement execute function payment_to_rollup();`;

export const dropLedger = `
    drop trigger ledger_to_rollup on ledger_entries;
    drop trigger payment_to_rollup on transactions;
    drop view ledger_places;
    drop index ledger_entries_transaction;
    drop table rollup_ledger, rollup_ledger_deltas;
    drop function rollup_recount_ledger, rollup_fold_ledger, payment_to_rollup, ledger_to_rollup;`;
