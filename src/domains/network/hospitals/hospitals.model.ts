import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import type { Hospital } from './hospitals.types.js';

type HospitalDocument = DocumentOf<Hospital, 'hospital_id'>;

export const hospitalModel = defineModel<HospitalDocument>({
  collection: 'hospitals',
  named: 'name',
  fields: {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    region: { type: String, required: true },
    address: { type: String, default: null },
    location: { type: { latitude: Number, longitude: Number }, default: null, _id: false },
    time_zone: { type: String, required: true },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  },
  indexes: [
    { key: by('name_order', '_id'), serves: 'GET /hospitals' },
    {
      key: by('region', 'name_order', '_id'),
      serves: 'GET /hospitals?region=, and what every other list and report filters by region',
    },
    {
      key: by('name_words'),
      serves: 'GET /book?q=: departments by the name of their hospital',
    },
  ],
});
