import type { TestApi } from '../../support/api.js';

/** The token of the link that an email to this address holds. */
export async function linkOf(
  api: TestApi,
  email: string,
  purpose: 'invitation' | 'confirmation' | 'reset',
): Promise<string> {
  const db = api.system.around.stores.connection.db!;
  const link = await db
    .collection<{ _id: string }>('account_links')
    .findOne({ email_key: email.toLowerCase(), purpose });
  if (!link) throw new Error(`no ${purpose} for ${email}`);
  const letter = await api.system.parts.invitations.letterOf({ link_id: link._id });
  return new URL(letter!.url).searchParams.get('token')!;
}
