import { Schema, type Connection } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { defineModel } from '../../../databases/mongo/mongo.js';
import { waitingStatuses, type Offer, type WaitingEntry } from './waiting-list.types.js';

const offer = new Schema<Offer>(
  {
    hold_id: { type: String, required: true },
    date: { type: Date, required: true },
    slot_end: { type: Date, required: true },
    expires_at: { type: Date, required: true },
  },
  { _id: false },
);

export const waitingModel = (connection: Connection) =>
  defineModel<DocumentOf<WaitingEntry, 'waiting_id'>>(connection, 'WaitingEntry', 'waiting_list', {
    _id: { type: String, required: true },
    doctor_id: { type: String, required: true },
    hospital_id: { type: String, required: true },
    patient_id: { type: String, required: true },
    day: { type: Date, required: true },
    status: { type: String, enum: waitingStatuses, required: true },
    offer: { type: offer, default: null } as never,
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  });
