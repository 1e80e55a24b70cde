import type { MongoTransaction } from '../../lib/transaction.js';
import type { NewNotification } from './notifications.types.js';

export function createNotificationsService() {
  return {
    /** SUP-9: tells a patient or a doctor, in the transaction of what they are told of. */
    notify: (_message: NewNotification, _tx: MongoTransaction): Promise<void> => Promise.resolve(),
  };
}

export type NotificationsService = ReturnType<typeof createNotificationsService>;
