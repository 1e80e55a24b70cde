import { Schema } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
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

export const waitingModel = defineModel<DocumentOf<WaitingEntry, 'waiting_id'>>({
  collection: 'waiting_list',
  fields: {
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
  },
  indexes: [
    {
      key: by('doctor_id', 'day', 'status', 'created_at', '_id'),
      serves: 'BOOK-7: who waits first; GET /waiting-list?doctor_id=&day=',
    },
    {
      key: by('doctor_id', 'day', 'patient_id'),
      unique: true,
      partialFilterExpression: { status: { $in: ['waiting', 'offered'] } },
      serves: 'BOOK-7: a patient waits once for a doctor and day',
    },
    {
      key: by('patient_id', 'created_at', '_id'),
      serves: 'GET /waiting-list of a patient',
    },
    {
      key: by('doctor_id', 'created_at', '_id'),
      serves: 'GET /waiting-list of a doctor, ?doctor_id=',
    },
    { key: by('created_at', '_id'), serves: 'GET /waiting-list of an admin' },
    { key: by('status', 'day'), serves: 'the waiting for days that are over' },
    {
      key: by('status', 'offer.expires_at'),
      serves: 'the offers that ran out',
    },
  ],
});
