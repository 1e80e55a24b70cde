import type { Knex } from '../../../databases/postgres/postgres.js';
import type { EventQuery, EventType, TimelineEvent } from '../../clinical/timeline/timeline.types.js';

/** What happened, when, and its record; `id` is the text that orders events of one moment. */
const events: readonly { readonly type: EventType; readonly sql: string }[] = [
  {
    type: 'bills',
    sql: `select created_at as at, 'bill.charged' as kind, id as record_id, appointment_id, doctor_id, hospital_id,
        total_cost as amount
      from billing where patient_id = :patient_id`,
  },
  {
    type: 'payments',
    sql: `select coalesce(paid_at, failed_at), case when paid_at is null then 'payment.failed' else 'payment.paid' end,
        transaction_id, appointment_id, doctor_id, hospital_id, total_fee
      from transactions where patient_id = :patient_id and coalesce(paid_at, failed_at) is not null and not exists (
        select from ledger_entries where ledger_entries.transaction_id = transactions.transaction_id and kind = 'void')`,
  },
  {
    type: 'payments',
    sql: `select coalesce(decided_at, requested_at), 'refund.posted', refund_id, appointment_id, doctor_id, hospital_id, amount
      from refunds join transactions using (transaction_id)
      where patient_id = :patient_id and credit_note_number is not null`,
  },
];

const columns = 'at, kind, record_id, appointment_id, doctor_id, hospital_id, amount';

/** PAT-3: what the books know of a patient, in the order of time: one question to Postgres, for its part of a page. */
export const createMoneyTimeline =
  (knex: Knex) =>
  async ({ patient_id, types, since, until, before, limit }: EventQuery): Promise<TimelineEvent[]> => {
    const asked = events.filter(({ type }) => types.includes(type)).map(({ sql }) => sql);
    if (asked.length === 0) return [];
    const conditions = [
      ...(since ? ['at >= :since'] : []),
      ...(until ? ['at < :until'] : []),
      ...(before ? ['(at, event_id) < (:at, :event_id)'] : []),
    ];
    const { rows } = await knex.raw<{ rows: Omit<TimelineEvent, 'date' | 'drug'>[] }>(
      `select event_id, ${columns.replace('amount', 'amount::text as amount')} from (
         select (kind || ' ' || record_id) collate "C" as event_id, ${columns}
         from (${asked.join(' union all ')}) as event (${columns})
       ) as event ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
       order by at desc, event_id desc limit :limit`,
      { patient_id, limit, ...(since ? { since } : {}), ...(until ? { until } : {}), ...before },
    );
    return rows.map((row) => ({ ...row, date: null, drug: null }));
  };
