import type { NewNotification } from '../../contracts/notifications.js';
import type { MongoTransaction } from '../../lib/transaction.js';

import type { EventQuery, TimelineEvent } from './timeline/timeline.types.js';

/** What care asks of the books, and how its news reaches people. */
export interface ClinicalPorts {
  /** Whether money was taken for it and is still here. */
  isPaid(appointment_id: string): Promise<boolean>;
  /** Whether the books have ever heard of it: that it was paid, billed or cancelled. */
  isInBooks(appointment_id: string): Promise<boolean>;
  countUnsettled(patient_id: string): Promise<number>;
  /** Whether the books know a patient of this id, who may be gone. */
  knowsPatient(patient_id: string): Promise<boolean>;
  /** PAT-3: what the books know of a patient. */
  moneyEvents(query: EventQuery): Promise<TimelineEvent[]>;
  /** PAT-7: what the books have moved of a merge; null: they have not heard of it. */
  bookedMerge(
    merge_id: string,
  ): Promise<{ readonly is_undone: boolean; readonly moved: Readonly<Record<string, number>> } | null>;
  notify(message: NewNotification, tx: MongoTransaction): Promise<void>;
}
