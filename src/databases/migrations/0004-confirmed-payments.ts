import type { Knex } from 'knex';

/**
 * BILL-7, BILL-8. A card's payment is written when it begins and counts once its provider has confirmed it: only then it has an
 * attempt and its numbers, and is in the ledger. A payment is of a booking or of one bill; its account is either's.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    set local statement_timeout = 0;
    drop trigger transactions_append_only on transactions;

    alter table transactions
      alter appointment_id drop not null,
      alter attempt drop not null,
      alter invoice_number drop not null,
      alter receipt_number drop not null,
      -- A bill from elsewhere may name none.
      alter doctor_id drop not null,
      alter department_id drop not null,
      alter hospital_id drop not null,
      drop constraint transactions_appointment_id_fkey,
      drop constraint transactions_appointment_id_attempt_key,
      add bill_id text references billing,
      -- null: it was taken at the desk
      add provider text,
      add paid_at timestamptz(3),
      add failed_at timestamptz(3),
      add failure text,
      add account_id text collate "C" not null references booking_accounts
        generated always as (coalesce(bill_id collate "C", appointment_id)) stored;
    update transactions set paid_at = created_at;
    alter table transactions
      add constraint transactions_attempt_once unique (account_id, attempt),
      add constraint transactions_paid_or_failed check (paid_at is null or failed_at is null),
      add constraint transactions_numbered_when_paid
        check (num_nonnulls(paid_at, attempt, invoice_number, receipt_number) in (0, 4)),
      add constraint transactions_failure_said check ((failed_at is null) = (failure is null));
    -- One card at a time: two would both be charged.
    create unique index transactions_one_pending on transactions (account_id)
      where paid_at is null and failed_at is null;
    create index transactions_by_appointment on transactions (appointment_id, created_at, transaction_id);

    -- What is decided stays: a payment that waits is confirmed or fails, once, and nothing else of it ever changes.
    create function payment_decided_once() returns trigger language plpgsql as $$
    declare decision constant text[] := array['attempt', 'invoice_number', 'receipt_number', 'paid_at', 'failed_at',
      'failure', 'total_fee', 'account_id'];
    begin
      if old.paid_at is not null or old.failed_at is not null
        or to_jsonb(new) - decision is distinct from to_jsonb(old) - decision then
        raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
      end if;
      return new;
    end $$;
    create trigger payment_decided_once before update on transactions
      for each row execute function payment_decided_once();
    create trigger transactions_append_only before delete or truncate on transactions
      for each statement execute function append_only();

    -- Who cancels a booking asks for its refund too; what waits for a second person then is not the hospital's yet.
    alter table refunds add cause text not null default 'request' check (cause in ('request', 'cancellation'));
    update refunds set cause = 'cancellation' where requested_by is null;`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop trigger transactions_append_only on transactions;
    drop trigger payment_decided_once on transactions;
    drop function payment_decided_once;
    drop index transactions_one_pending, transactions_by_appointment;
    alter table refunds drop column cause;
    alter table transactions
      drop constraint transactions_attempt_once,
      drop constraint transactions_paid_or_failed,
      drop constraint transactions_numbered_when_paid,
      drop constraint transactions_failure_said,
      drop column account_id, drop column bill_id, drop column provider, drop column paid_at, drop column failed_at,
      drop column failure,
      alter appointment_id set not null,
      alter attempt set not null,
      alter invoice_number set not null,
      alter receipt_number set not null,
      alter doctor_id set not null,
      alter department_id set not null,
      alter hospital_id set not null,
      add constraint transactions_appointment_id_attempt_key unique (appointment_id, attempt),
      add constraint transactions_appointment_id_fkey foreign key (appointment_id) references booking_accounts;
    create trigger transactions_append_only before update or delete or truncate on transactions
      for each statement execute function append_only();`);
}
