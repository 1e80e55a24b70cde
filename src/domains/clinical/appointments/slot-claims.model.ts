import { by, daySeconds } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import type { SlotClaim } from './appointments.types.js';

export const slotClaimModel = defineModel<SlotClaim>({
  collection: 'slot_claims',
  fields: {
    doctor_id: { type: String, required: true },
    grain: { type: Date, required: true },
    place: { type: Number, required: true },
    holder_id: { type: String, required: true },
    patient_id: { type: String, required: true },
    date: { type: Date, required: true },
    slot_end: { type: Date, required: true },
    expires_at: { type: Date, default: null },
    is_visit: { type: Boolean },
  },
  indexes: [
    {
      key: by('doctor_id', 'grain', 'place'),
      unique: true,
      serves: 'BOOK-4: a place of a slot is one booking’s or hold’s; GET /doctors/{doctor_id}/slots',
    },
    {
      key: by('patient_id', 'grain'),
      unique: true,
      partialFilterExpression: { is_visit: true },
      serves: 'BOOK-10: a patient is never in two places at once',
    },
    {
      key: by('holder_id'),
      serves: 'to give back or to move what a booking or hold claims',
    },
    {
      key: by('patient_id', 'expires_at'),
      serves: 'BOOK-9: how many slots a patient holds',
    },
    {
      key: by('expires_at'),
      partialFilterExpression: { expires_at: { $type: 'date' } },
      serves: 'BOOK-7: the holds that ran out, for anyone who waits',
    },
    {
      key: by('slot_end'),
      expireAfterSeconds: 7 * daySeconds,
      serves: 'nobody asks any more who had a time that is over',
    },
  ],
});
