import Joi from 'joi';
import { optional } from './lib/fields.js';
import { setting } from './settings.fields.js';

export const auditKeyExample = 'another-secret-of-at-least-32-characters';

/** Of the trail. */
export const auditSettings = {
  AUDIT_KEY: setting(
    optional(Joi.string().min(32)),
    'Seals the trail of who read and changed records, 32 characters or more; needed in production, otherwise generated once into DATA_DIR',
    auditKeyExample,
  ),
  AUDIT_PREVIOUS_KEYS: setting(
    Joi.string().default(''),
    'Keys that have sealed earlier entries, separated by commas: `npm run audit -- verify` needs them',
  ),
  AUDIT_HEAD_FILE: setting(
    optional(Joi.string<string>()),
    'A file, best on another machine, that the head of the trail is added to once a minute',
    '/mnt/write-once/audit-heads.ndjson',
  ),
};
