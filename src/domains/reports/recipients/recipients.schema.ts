import type Joi from 'joi';
import { email, listOf } from '../../../lib/fields.js';

const mostRecipients = 20;

/** Addresses of people who have an account. */
export const recipientsField = (): Joi.ArraySchema<string[]> => listOf(email(), mostRecipients);
