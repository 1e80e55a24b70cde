import { createTransact } from '../../../src/databases/mongo/mongo.js';
import type { NewNotification } from '../../../src/contracts/notifications.js';
import type { TestApi } from '../../support/api.js';

/** As a domain does it: in a transaction. */
export const tell = (api: TestApi, message: NewNotification): Promise<void> =>
  createTransact(api.system.around.stores.connection)((tx) =>
    api.system.parts.notifications.notify(message, tx),
  );

export const bookedFor = ({ patient_id }: { patient_id: string }) => ({
  kind: 'appointment.booked' as const,
  to: { patient_id },
  appointment_id: 'A1',
  facts: { doctor: 'Dr Ada Test', date: 'Mon 1 March 2027, 10:00 (UTC+00:00)' },
});
