export { recipientsField } from './recipients.schema.js';
export { createRecipients, type Recipients } from './recipients.service.js';
