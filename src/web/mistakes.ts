import type { Problem, ProblemCode } from '../lib/errors.js';
import type { Mistake } from './parts.js';
import { sentenceOf } from './problem.page.js';

/** What to say of a field that is missing or wrong, by its name. */
export type Advice = Readonly<Record<string, string>>;

/** Refusals that are about one field. */
const fieldOf: { readonly [C in ProblemCode]?: string } = {
  weak_password: 'password',
  email_taken: 'email',
  too_many_webhooks: 'url',
};

/** A refusal in the words of the form: each wrong field once, or what went wrong with the whole of it. */
export function mistakesOf(problem: Problem, advice: Advice = {}): Mistake[] {
  const named = (problem.options.errors ?? []).map(({ pointer }) => pointer.split('/')[2] ?? '');
  const fields = [...new Set(named)].filter((field) => Object.hasOwn(advice, field));
  if (problem.code === 'invalid_request' && fields.length > 0)
    return fields.map((field) => ({ field, message: advice[field]! }));
  const field = fieldOf[problem.code];
  const [said] = problem.options.errors ?? [];
  if (problem.code === 'weak_password' && said)
    return [{ field: 'password', message: `The password ${said.message}.` }];
  return [
    {
      field: field !== undefined && Object.hasOwn(advice, field) ? field : null,
      message: sentenceOf(problem),
    },
  ];
}
