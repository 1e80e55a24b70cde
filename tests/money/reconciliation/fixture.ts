import { expect } from 'chai';
import type {
  DriftKind,
  KindReport,
  ReconcileOptions,
  ReconcileReport,
} from '../../../src/domains/money/reconciliation/index.js';
import type { TestApi } from '../../support/api.js';

/** Makes differences between the stores as no request could, and looks for them. */
export async function startFixture(api: TestApi) {
  const token = await api.as('admin');
  const { connection, knex } = api.system.around.stores;
  const mongo = (name: string) => connection.db!.collection<{ _id: string }>(name);

  /** As the command does on stores that nothing else writes to: what has just changed counts. */
  async function run(options: Partial<ReconcileOptions> = {}): Promise<ReconcileReport> {
    const report = await api.system.parts.reconciliation.run({ apply: false, graceMs: 0, ...options });
    return report!;
  }

  const book = async (): Promise<string> => (await api.make.appointment()).appointment_id;

  return {
    mongo,
    sql: (table: string) => knex(table),
    run,
    look: async (kind: DriftKind, apply = false): Promise<KindReport> =>
      (await run({ kinds: [kind], apply })).kinds[0]!,
    book,

    /** A booking that is paid: 100 and 18 % tax. */
    async pay(): Promise<{ id: string; transaction_id: string }> {
      const id = await book();
      const { status, body } = await api.post(`/transactions/${id}`, { token, body: {} });
      expect(status).equal(201);
      return { id, transaction_id: body.transaction_id };
    },

    /** Writes a step into the record by itself, as if the outbox entry of it had never been. */
    async force(id: string, status: string, changes: object = {}): Promise<void> {
      await mongo('appointments').updateOne(
        { _id: id },
        {
          $set: { status, updated_at: new Date(), ...changes },
          $push: { history: { status, at: new Date(), by: 'U1' } },
        },
      );
    },

    async forget(id: string): Promise<void> {
      await mongo('appointments').deleteOne({ _id: id });
    },
    async dropClaims(holder_id: string): Promise<void> {
      await mongo('slot_claims').deleteMany({ holder_id });
    },
    countClaims: (holder_id: string): Promise<number> => mongo('slot_claims').countDocuments({ holder_id }),

    visit: async (id: string) => (await api.get(`/appointments/${id}`, { token })).body,
    payment: async (id: string) => (await api.get(`/transactions/${id}`, { token })).body,
    bills: (appointment_id: string) => knex('billing').where({ appointment_id }),

    /** An entry in MongoDB that was to be taken long ago, and that nobody can apply; no relay comes to it by itself. */
    async addOddEntry(kind = 'appointment.cancelled'): Promise<() => Promise<unknown>> {
      const entry = { kind, payload: {}, attempts: 11, created_at: new Date(0) };
      const waiting = { ...entry, claimed_until: new Date(8.64e15), applied_at: null };
      await mongo('outbox').insertOne({ _id: 'E-odd', ...waiting });
      return () => mongo('outbox').deleteOne({ _id: 'E-odd' });
    },
  };
}

export type Fixture = Awaited<ReturnType<typeof startFixture>>;
