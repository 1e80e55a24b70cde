import type { Role } from '../../../lib/actor.js';
import { Problem } from '../../../lib/errors.js';
import { mayUse } from '../../../lib/permissions.js';
import type { Addressee } from '../../identity/accounts/index.js';

export interface RecipientsDeps {
  /** The open account of each address, in their order; null where there is none. */
  accountsOf(emails: readonly string[]): Promise<readonly (Addressee | null)[]>;
  /** Who a user would ask as just now; null when the account is closed. */
  askerOf(user_id: string): Promise<{ readonly role: Role } | null>;
  /** By the ids of accounts that are open. */
  emailsOf(user_ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** What keeps somebody from being sent figures; undefined: nothing does. */
function whyNot(account: Addressee | null): string | undefined {
  // Whether somebody else has an account is nobody's business.
  if (!account || !mayUse(account.role, 'reports:share')) return 'is of nobody who may be sent figures';
  return account.email_confirmed ? undefined : 'is not confirmed yet';
}

/** REP-14: those who are sent figures that somebody else has asked for. People know addresses; the store has the ids of accounts. */
export function createRecipients({ accountsOf, askerOf, emailsOf }: RecipientsDeps) {
  return {
    /** The accounts of these addresses, each once. Throws `invalid_request` that names every address that cannot be one. */
    async idsOf(emails: readonly string[]): Promise<string[]> {
      const accounts = await accountsOf(emails);
      const errors = emails.flatMap((email, at) => {
        const why = whyNot(accounts[at] ?? null);
        return why === undefined ? [] : [{ pointer: `/body/recipients/${at}`, message: `${email} ${why}` }];
      });
      if (errors.length > 0) {
        const detail = errors.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
        throw new Problem('invalid_request', detail, { errors });
      }
      return [...new Set(accounts.map((account) => account!.user_id))];
    },

    /** Those of them who may be sent figures now: not who has left, or lost the right to them. */
    async stillThere(user_ids: readonly string[]): Promise<string[]> {
      const askers = await Promise.all(user_ids.map(askerOf));
      return user_ids.filter((_, at) => {
        const asker = askers[at];
        return asker && mayUse(asker.role, 'reports:share');
      });
    },

    /** The records with the addresses of their recipients; who has left is not among them. */
    async shown<T extends { readonly recipients: readonly string[] }>(records: readonly T[]): Promise<T[]> {
      const emails = await emailsOf([...new Set(records.flatMap(({ recipients }) => recipients))]);
      return records.map((record) => ({
        ...record,
        recipients: record.recipients.flatMap((user_id) => emails.get(user_id) ?? []),
      }));
    },
  };
}

export type Recipients = ReturnType<typeof createRecipients>;
