import type { Knex } from 'knex';

/**
 * Payments, refunds and the double-entry ledger that says what both come to. An amount in the ledger is a debit when it is
 * above zero and a credit below. Nothing says `paid` or `refunded` anywhere: that is read from the ledger.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table idempotency_keys (
      id text primary key,
      request_hash text not null,
      result jsonb,
      created_at timestamptz not null default now()
    );

    create table outbox (
      entry_id text primary key,
      kind text not null,
      payload jsonb not null,
      created_at timestamptz(3) not null,
      attempts integer not null,
      due_at timestamptz(3) not null,
      applied_at timestamptz(3)
    );

    create table inbox (entry_id text primary key, at timestamptz not null default now());

    -- One row for each appointment that money was asked or billed for: who decides about its money locks it first.
    -- Its ids sort by their bytes, as in MongoDB, so that what compares both stores reads them side by side.
    create table booking_accounts (
      appointment_id text collate "C" primary key,
      patient_id text not null,
      closed_at timestamptz(3),
      refund_percent integer check (refund_percent between 0 and 100),
      check ((closed_at is null) = (refund_percent is null))
    );

    -- Numbers without gaps: the next one is taken under the row's lock, in the transaction that uses it.
    create table number_series (series text primary key, last bigint not null check (last >= 0));
    insert into number_series values ('invoice', 0), ('receipt', 0), ('credit_note', 0);

    create table transactions (
      transaction_id text primary key,
      appointment_id text collate "C" not null references booking_accounts,
      -- Paying again is possible only when all of the payment before is refunded or void; two at once take the same number.
      attempt integer not null check (attempt > 0),
      patient_id text not null,
      doctor_id text not null,
      department_id text not null,
      hospital_id text not null,
      fee numeric(12,2) not null check (fee > 0 and fee < 'NaN'),
      -- null: exempt
      gst_rate numeric(5,2) check (gst_rate between 0 and 100),
      gst numeric(12,2) not null check (gst >= 0 and gst < 'NaN'),
      total_fee numeric(12,2) not null generated always as (fee + gst) stored,
      currency text not null,
      payment_method text not null,
      invoice_number bigint not null unique,
      receipt_number bigint not null unique,
      -- As they were then, for the documents.
      patient_name text not null,
      doctor_name text not null,
      department_name text not null,
      hospital_name text not null,
      hospital_address text,
      visit_date timestamptz(3) not null,
      time_zone text not null,
      paid_by text not null,
      created_at timestamptz(3) not null,
      unique (appointment_id, attempt)
    );

    create table refunds (
      refund_id text primary key,
      transaction_id text not null references transactions,
      amount numeric(12,2) not null check (amount > 0 and amount < 'NaN'),
      reason text not null,
      -- null: the cancellation policy
      requested_by text,
      requested_at timestamptz(3) not null,
      -- null: it needed nobody, or the cancellation policy decided
      decided_by text,
      decided_at timestamptz(3),
      decision_reason text,
      -- Given when the money goes back; null while it waits, and for good when it is rejected.
      credit_note_number bigint unique,
      check (decided_at is not null or credit_note_number is null),
      check (decided_by <> requested_by)
    );

    create table ledger_entries (
      entry_number bigint generated always as identity primary key,
      -- Made from the id of what is posted, so that nothing is posted twice.
      journal_id text not null,
      line integer not null,
      -- allowance: a bill is less what was refunded of its payment before; forfeit: a cancelled booking keeps a part.
      kind text not null check (kind in ('bill', 'payment', 'refund', 'void', 'allowance', 'forfeit')),
      account text not null check (account in
        ('cash', 'receivable', 'gst_payable', 'revenue', 'refunds_given', 'cancellation_fees')),
      amount numeric(12,2) not null check (amount <> 0 and amount < 'NaN'),
      patient_id text not null,
      appointment_id text,
      -- Looked at when the transaction commits: a journal is posted before its payment, whose numbers are taken last.
      transaction_id text references transactions deferrable initially deferred,
      posted_at timestamptz(3) not null,
      unique (journal_id, line)
    );

    -- Each journal is posted by one INSERT, and balances by itself; so the sum over all accounts is zero at any moment.
    create function ledger_balances() returns trigger language plpgsql as $$
    begin
      if exists (select from posted group by journal_id having sum(amount) <> 0) then
        raise exception 'ledger: a journal does not balance' using errcode = 'check_violation';
      end if;
      return null;
    end $$;
    create trigger ledger_balances after insert on ledger_entries
      referencing new table as posted for each statement execute function ledger_balances();

    create function append_only() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
    end $$;
    create trigger ledger_append_only before update or delete or truncate on ledger_entries
      for each statement execute function append_only();
    create trigger transactions_append_only before update or delete or truncate on transactions
      for each statement execute function append_only();

    alter table billing alter column appointment_id type text collate "C";

    -- What is billed is in the ledger, no matter who writes it: what the patient owes, and what the hospital has earned.
    create function bill_to_ledger() returns trigger language plpgsql as $$
    begin
      insert into ledger_entries (journal_id, line, kind, account, amount, patient_id, appointment_id, posted_at)
        select id, line, 'bill', account, sign * total_cost, patient_id, appointment_id, created_at
        from billed, (values (1, 'receivable', 1), (2, 'revenue', -1)) as lines (line, account, sign)
        where total_cost <> 0;
      return null;
    end $$;
    create trigger bill_to_ledger after insert on billing
      referencing new table as billed for each statement execute function bill_to_ledger();
    create trigger billing_append_only before update or delete or truncate on billing
      for each statement execute function append_only();

    insert into ledger_entries (journal_id, line, kind, account, amount, patient_id, appointment_id, posted_at)
      select id, line, 'bill', account, sign * total_cost, patient_id, appointment_id, created_at
      from billing, (values (1, 'receivable', 1), (2, 'revenue', -1)) as lines (line, account, sign)
      where total_cost <> 0
      order by created_at, id, line;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop trigger bill_to_ledger on billing;
    drop trigger billing_append_only on billing;
    alter table billing alter column appointment_id type text collate "default";
    drop table ledger_entries, refunds, transactions, number_series, booking_accounts, inbox, outbox, idempotency_keys;
    drop function bill_to_ledger, append_only, ledger_balances;`);
}
