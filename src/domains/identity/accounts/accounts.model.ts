import { Schema } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import type {
  AccountLink,
  CustomerDetails,
  RefreshToken,
  Session,
  ShippingAddress,
  User,
  VendorDetails,
} from './accounts.types.js';

type UserDocument = DocumentOf<User, 'user_id'>;
type SessionDocument = DocumentOf<Session, 'session_id'>;
type RefreshTokenDocument = DocumentOf<RefreshToken, 'token_hash'>;

const nested = { _id: false, strict: 'throw' } as const;

const certificationSchema = new Schema(
  {
    name: { type: String, required: true },
    number: { type: String, required: true },
    expires_on: { type: Date, required: true },
  },
  nested,
);

const addressSchema = new Schema<ShippingAddress>(
  {
    address_id: { type: String, required: true },
    label: { type: String, required: true },
    recipient: { type: String, required: true },
    line1: { type: String, required: true },
    line2: { type: String, default: null },
    city: { type: String, required: true },
    region: { type: String, default: null },
    postal_code: { type: String, required: true },
    country: { type: String, required: true },
    is_default: { type: Boolean, required: true },
  },
  nested,
);

const vendorSchema = new Schema<VendorDetails>(
  {
    business_name: { type: String, required: true },
    business_registration: { type: String, required: true },
    service_areas: { type: [String], required: true },
    certifications: { type: [certificationSchema], default: undefined },
  },
  nested,
);

const customerSchema = new Schema<CustomerDetails>({ type: { type: String, required: true } }, nested);

export const userModel = defineModel<UserDocument>({
  collection: 'users',
  named: 'name',
  fields: {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    email: { type: String, required: true },
    email_key: { type: String, required: true },
    phone: { type: String, default: null },
    role: { type: String, required: true },
    active: { type: Boolean, required: true },
    password_hash: { type: String, default: null },
    email_confirmed: { type: Boolean, default: true },
    patient_id: { type: String, default: null },
    doctor_id: { type: String, default: null },
    hospital_id: { type: String, default: null },
    made_by: { type: String, default: null },
    role_since: { type: Date, default: null },
    second_factor_at: { type: Date, default: null },
    vendor: { type: vendorSchema, default: null },
    vendor_status: { type: String, default: null },
    customer: { type: customerSchema, default: null },
    addresses: { type: [addressSchema], default: [] },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  },
  indexes: [
    {
      key: by('email_key'),
      unique: true,
      serves: 'AUTH-1: an email is one account’s; the login',
    },
    { key: by('created_at', '_id'), serves: 'GET /users' },
    { key: by('role', 'created_at', '_id'), serves: 'GET /users?role=' },
    { key: by('name_words'), serves: 'GET /users?q=' },
    { key: by('patient_id'), serves: 'PAT-7: the accounts of a patient who is merged' },
  ],
});

export const sessionModel = defineModel<SessionDocument>({
  collection: 'sessions',
  fields: {
    _id: { type: String, required: true },
    user_id: { type: String, required: true },
    created_at: { type: Date, required: true },
    last_used_at: { type: Date, required: true },
    expires_at: { type: Date, required: true },
    ended_at: { type: Date, default: null },
    end_reason: { type: String, default: null },
    user_agent: { type: String, default: null },
    address: { type: String, default: null },
    code_given_at: { type: Date, default: null },
  },
  indexes: [
    { key: by('user_id', 'created_at', '_id'), serves: 'GET /auth/sessions' },
    {
      key: by('expires_at'),
      expireAfterSeconds: 0,
      serves: 'a session that cannot be prolonged any more is forgotten',
    },
  ],
});

export const refreshTokenModel = defineModel<RefreshTokenDocument>({
  collection: 'refresh_tokens',
  fields: {
    _id: { type: String, required: true },
    session_id: { type: String, required: true },
    user_id: { type: String, required: true },
    issued_at: { type: Date, required: true },
    expires_at: { type: Date, required: true },
    rotated_at: { type: Date, default: null },
  },
  indexes: [
    {
      key: by('expires_at'),
      expireAfterSeconds: 0,
      serves: 'a refresh token is forgotten when it would be refused for its age',
    },
  ],
});

export const accountLinkModel = defineModel<DocumentOf<AccountLink, 'link_id'>>({
  collection: 'account_links',
  fields: {
    _id: { type: String, required: true },
    user_id: { type: String, required: true },
    purpose: { type: String, required: true },
    email_key: { type: String, required: true },
    created_at: { type: Date, required: true },
    expires_at: { type: Date, required: true },
  },
  indexes: [
    {
      key: by('user_id', 'purpose'),
      unique: true,
      serves: 'AUTH-13: of the links to an account, the last one is good',
    },
    { key: by('expires_at'), expireAfterSeconds: 0, serves: 'a link that has expired is forgotten' },
  ],
});
