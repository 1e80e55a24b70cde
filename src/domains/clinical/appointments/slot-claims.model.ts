import type { Connection } from 'mongoose';
import { defineModel } from '../../../databases/mongo/mongo.js';
import type { SlotClaim } from './appointments.types.js';

export const slotClaimModel = (connection: Connection) =>
  defineModel<SlotClaim>(connection, 'SlotClaim', 'slot_claims', {
    doctor_id: { type: String, required: true },
    grain: { type: Date, required: true },
    place: { type: Number, required: true },
    holder_id: { type: String, required: true },
    patient_id: { type: String, required: true },
    date: { type: Date, required: true },
    slot_end: { type: Date, required: true },
    expires_at: { type: Date, default: null },
  });
