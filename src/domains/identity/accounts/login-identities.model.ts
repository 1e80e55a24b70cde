import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import type { LoginIdentity } from './login-identities.types.js';

export const loginIdentityModel = defineModel<DocumentOf<LoginIdentity, 'identity_id'>>({
  collection: 'login_identities',
  fields: {
    _id: { type: String, required: true },
    user_id: { type: String, required: true },
    provider: { type: String, required: true },
    linked_at: { type: Date, required: true },
  },
  indexes: [{ key: by('user_id'), serves: 'AUTH-7: the identities of an account that is erased' }],
});
