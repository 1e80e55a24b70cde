import type { Connection } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { defineModel } from '../../../databases/mongo/mongo.js';
import type { Hospital } from './hospitals.types.js';

export type HospitalDocument = DocumentOf<Hospital, 'hospital_id'>;

export const hospitalModel = (connection: Connection) =>
  defineModel<HospitalDocument>(connection, 'Hospital', 'hospitals', {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    region: { type: String, required: true },
    address: { type: String, default: null },
    location: { type: { latitude: Number, longitude: Number }, default: null, _id: false },
    time_zone: { type: String, required: true },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  });
