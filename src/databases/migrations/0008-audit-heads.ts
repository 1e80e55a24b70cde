import type { Knex } from 'knex';

/** AUTH-8: how far the trail in MongoDB has come, a row a year. It goes forward only, and a year that is closed stays. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table audit_heads (
      year integer primary key,
      seq bigint not null check (seq > 0),
      mac text not null,
      key_id text not null,
      closed boolean not null default false,
      kept_at timestamptz(3) not null
    );
    create function audit_heads_forward() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' or old.closed or new.year <> old.year or new.seq < old.seq
        or (new.seq = old.seq and new.mac <> old.mac)
      then raise exception 'the head of a chain goes forward only';
      end if;
      return new;
    end $$;
    create trigger audit_heads_forward before update or delete on audit_heads
      for each row execute function audit_heads_forward();`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table audit_heads; drop function audit_heads_forward');
}
