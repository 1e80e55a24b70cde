import type { Knex } from 'knex';

/** Who writes that money is a patient's shares this lock for the transaction; who moves a patient's money holds it alone. */
const key = 7_007;

const tables = ['billing', 'booking_accounts', 'transactions', 'ledger_entries'];

/**
 * PAT-7: the money of a patient becomes another's when their records are merged, and goes back when that is undone. Rows that never
 * change let themselves be moved and nothing else, and only where `moved_rows` says by which merge. What is written late in
 * the name of a patient who is merged becomes the other's as it comes in.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table patient_merges (
      merge_id text primary key,
      from_patient_id text not null,
      into_patient_id text not null check (into_patient_id <> from_patient_id),
      merged_at timestamptz(3) not null,
      undone_at timestamptz(3)
    );
    create unique index patient_merges_one_at_a_time on patient_merges (from_patient_id) where undone_at is null;
    create table moved_rows (
      merge_id text not null references patient_merges,
      table_name text not null,
      row_id text not null,
      primary key (merge_id, table_name, row_id)
    );

    -- Of a row before and after: nothing but whose it is has changed, and a merge of these two says so of it.
    create function is_moved(before jsonb, after jsonb, relation text, row_id text, derived text[]) returns boolean
      language sql stable as $$
      select (before - 'patient_id') - derived = (after - 'patient_id') - derived and exists (
        select from moved_rows join patient_merges using (merge_id)
        where moved_rows.table_name = relation and moved_rows.row_id = is_moved.row_id
          and (before ->> 'patient_id', after ->> 'patient_id')
            in ((from_patient_id, into_patient_id), (into_patient_id, from_patient_id)))
    $$;
    create function moves_only() returns trigger language plpgsql as $$
    begin
      if not is_moved(to_jsonb(old), to_jsonb(new), tg_table_name, to_jsonb(old) ->> tg_argv[0], '{}') then
        raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
      end if;
      return new;
    end $$;
    drop trigger billing_append_only on billing;
    create trigger billing_append_only before delete or truncate on billing
      for each statement execute function append_only();
    create trigger billing_moves_only before update on billing for each row execute function moves_only('id');
    drop trigger ledger_append_only on ledger_entries;
    create trigger ledger_append_only before delete or truncate on ledger_entries
      for each statement execute function append_only();
    create trigger ledger_moves_only before update on ledger_entries
      for each row execute function moves_only('entry_number');

    create or replace function payment_decided_once() returns trigger language plpgsql as $$
    declare decision constant text[] := array['attempt', 'invoice_number', 'receipt_number', 'paid_at', 'failed_at',
      'failure', 'total_fee', 'account_id'];
    begin
      -- What the table works out itself is not worked out yet in the row that is to be.
      if is_moved(to_jsonb(old), to_jsonb(new), tg_table_name, old.transaction_id, array['total_fee', 'account_id']) then
        return new;
      end if;
      if old.paid_at is not null or old.failed_at is not null
        or to_jsonb(new) - decision is distinct from to_jsonb(old) - decision then
        raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
      end if;
      return new;
    end $$;

    create function of_whom_it_is() returns trigger language plpgsql as $$
    declare other text;
    begin
      perform pg_advisory_xact_lock_shared(${key});
      loop
        select into_patient_id into other from patient_merges
          where from_patient_id = new.patient_id and undone_at is null;
        exit when not found;
        new.patient_id := other;
      end loop;
      return new;
    end $$;
    ${tables
      .map(
        (table) => `create trigger ${table}_of_whom before insert on ${table}
      for each row execute function of_whom_it_is();`,
      )
      .join('\n    ')}`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${tables.map((table) => `drop trigger ${table}_of_whom on ${table};`).join(' ')}
    drop trigger billing_moves_only on billing;
    drop trigger billing_append_only on billing;
    create trigger billing_append_only before update or delete or truncate on billing
      for each statement execute function append_only();
    drop trigger ledger_moves_only on ledger_entries;
    drop trigger ledger_append_only on ledger_entries;
    create trigger ledger_append_only before update or delete or truncate on ledger_entries
      for each statement execute function append_only();
    create or replace function payment_decided_once() returns trigger language plpgsql as $$
    declare decision constant text[] := array['attempt', 'invoice_number', 'receipt_number', 'paid_at', 'failed_at',
      'failure', 'total_fee', 'account_id'];
    begin
      if old.paid_at is not null or old.failed_at is not null
        or to_jsonb(new) - decision is distinct from to_jsonb(old) - decision then
        raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
      end if;
      return new;
    end $$;
    drop function of_whom_it_is, moves_only, is_moved;
    drop table moved_rows, patient_merges;`);
}
