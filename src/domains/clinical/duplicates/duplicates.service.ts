import { createHash } from 'node:crypto';
import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { Page } from '../../../lib/page.js';
import { phoneKey, type PhoneRegion } from '../../../lib/phone.js';
import { checkVersion } from '../../../lib/records.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../../identity/audit/index.js';
import type { Patient, PatientsService } from '../patients/index.js';
import type { DuplicateRepository, Scored } from './duplicates.repository.js';
import type { dismissBody, duplicateQuery } from './duplicates.schema.js';
import { leastScore, matchKeys, plainEmail, score, type Subject } from './duplicates.scoring.js';
import type { Duplicate } from './duplicates.types.js';

export interface DuplicatesDeps {
  readonly duplicates: DuplicateRepository;
  readonly patients: Pick<PatientsService, 'records' | 'matching'>;
  readonly audit: Pick<AuditService, 'done'>;
  /** Makes of a contact a key that says nothing of it: equal ones have equal keys. `id` names the key that they are made with. */
  readonly blind: { readonly id: string; of(what: 'phone' | 'email', value: string): string };
  readonly phoneRegion: PhoneRegion;
  readonly transact: Transact;
  readonly clock: Clock;
}

const batchSize = 200;
/** In one run; the rest waits for the next. */
const mostBatches = 20;
/** A key that more share says too little, and would be compared for too long. */
const mostAlike = 50;

interface Known {
  readonly patient_id: string;
  readonly subject: Subject;
  readonly keys: readonly string[];
}

/** A pair has one id, whichever of the two is looked at. */
const idOf = (pair: readonly string[]): string =>
  `PD${createHash('sha256').update(JSON.stringify(pair)).digest('hex').slice(0, 24)}`;

type ShownDuplicate = Omit<Duplicate, 'patient_ids'> & {
  patients: Pick<Patient, 'patient_id' | 'name' | 'date_of_birth' | 'sex'>[];
};

export function createDuplicatesService(deps: DuplicatesDeps) {
  const { duplicates, patients, audit, blind, phoneRegion, transact, clock } = deps;

  function known(patient: Patient): Known {
    const { phone, email } = patient.contact;
    const subject = {
      ...patient,
      phone: phone === null ? null : blind.of('phone', phoneKey(phone, phoneRegion)),
      email: email === null ? null : blind.of('email', plainEmail(email)),
    };
    return { patient_id: patient.patient_id, subject, keys: matchKeys(subject) };
  }

  /** Of some records, the pairs with any other that share a key and score high enough. */
  async function pairsOf(some: readonly Known[]): Promise<Scored[]> {
    const others = (await patients.matching.find(some.flatMap(({ keys }) => keys))).map(known);
    const sharing = new Map<string, Known[]>();
    for (const one of others)
      for (const key of one.keys) {
        const alike = sharing.get(key);
        if (alike) alike.push(one);
        else sharing.set(key, [one]);
      }
    const pairs = new Map<string, Scored>();
    for (const one of some)
      for (const key of one.keys) {
        const alike = sharing.get(key) ?? [];
        if (alike.length > mostAlike) continue;
        for (const other of alike) {
          if (other.patient_id === one.patient_id) continue;
          const patient_ids = [one.patient_id, other.patient_id].sort();
          const duplicate_id = idOf(patient_ids);
          const scored = score(one.subject, other.subject);
          if (scored.score >= leastScore) pairs.set(duplicate_id, { duplicate_id, patient_ids, ...scored });
        }
      }
    return [...pairs.values()];
  }

  async function show(all: readonly Duplicate[]): Promise<ShownDuplicate[]> {
    const found = await patients.records.findMany(all.flatMap(({ patient_ids }) => patient_ids));
    const byId = new Map(found.map((patient) => [patient.patient_id, patient]));
    return all.map(({ patient_ids, ...pair }) => ({
      ...pair,
      patients: patient_ids.flatMap((id) => byId.get(id) ?? []),
    }));
  }

  const forActors = publicDoor({
    async list(_admin: Actor, query: Infer<typeof duplicateQuery>): Promise<Page<ShownDuplicate>> {
      const { limit, cursor, status, patient_id } = query;
      const filter = { status, ...(patient_id === undefined ? {} : { patient_ids: patient_id }) };
      const { items, next_cursor } = await duplicates.listPage(filter, { limit, cursor });
      return { items: await show(items), next_cursor };
    },

    /** Throws `not_found`, `step_done`, `stale_version`. */
    async dismiss(
      actor: Actor,
      duplicate_id: string,
      { note }: Infer<typeof dismissBody>,
      ifMatch?: number,
    ): Promise<ShownDuplicate> {
      const dismissed = await transact(async (tx) => {
        const pair = await duplicates.find(duplicate_id, tx);
        if (!pair) throw notFound('pair');
        checkVersion(pair, ifMatch);
        if (pair.status === 'dismissed') throw new Problem('step_done', 'Somebody has said so already.');
        const said = { at: clock.now(), by: actor.user_id, note };
        await audit.done(actor, pair.patient_ids, tx);
        return (await duplicates.update(duplicate_id, { status: 'dismissed', dismissed: said }, tx))!;
      });
      return (await show([dismissed]))[0]!;
    },
  });

  return {
    forActors,
    forget: (patient_id: string, tx: MongoTransaction): Promise<void> => duplicates.forget(patient_id, tx),

    /**
     * Compares what was written since. Keys are stored before any record is looked for by them: of two that are written at once, the later
     * one finds the other.
     */
    async sweep(): Promise<void> {
      for (let batch = 0; batch < mostBatches; batch++) {
        const some = await patients.matching.listUncompared(blind.id, batchSize);
        if (some.length === 0) return;
        const subjects = some.map(known);
        await patients.matching.setKeys(subjects.map(({ patient_id, keys }) => ({ patient_id, keys })));
        const ids = subjects.map(({ patient_id }) => patient_id);
        await duplicates.replaceOf(ids, await pairsOf(subjects), clock.now());
        await patients.matching.setCompared(some, blind.id);
      }
    },
  };
}

export type DuplicatesService = ReturnType<typeof createDuplicatesService>;
