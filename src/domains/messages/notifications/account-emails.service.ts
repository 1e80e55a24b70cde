import type { AccountNotice, Entry, HandOvers } from '../../../contracts/hand-overs.js';
import type { Clock } from '../../../lib/clock.js';
import { html, toText } from '../../../lib/html.js';
import { MailError, type Mail } from './mail.js';

type About = 'invitation' | 'confirmation' | 'reset' | AccountNotice;

export interface AccountEmailsDeps {
  readonly mail: Mail;
  /** The link and where it goes; null when it is used, or too old, or nobody is there to be written to. */
  letterOf(asked: HandOvers['account.email']): Promise<{ to: string; about: About; url: string } | null>;
  readonly clock: Clock;
}

const texts: { readonly [A in About]: { readonly subject: string; readonly says: string } } = {
  invitation: {
    subject: 'You are invited to an account',
    says: 'An account was made for you. Choose its password here; the link works once, within three days.',
  },
  confirmation: {
    subject: 'Confirm your email address',
    says: 'Confirm here that this address is yours; the link works once, within a week.',
  },
  reset: {
    subject: 'Choose a new password',
    says: 'Choose a new password for your account here; the link works once, within half an hour.',
  },
  password_changed: {
    subject: 'Your password was changed',
    says: 'The password of your account was changed, and every other session has ended. If it was not you, choose another one here:',
  },
  new_device: {
    subject: 'A new device has signed in to your account',
    says: 'Somebody has signed in with your password, from where we have not seen you before. If it was not you, choose another one here, which signs everybody out:',
  },
  identity_linked: {
    subject: 'Your account can be signed in to in another way',
    says: 'It was signed in to by an account with your address elsewhere, which has shown that the address is yours. If it was not you, choose another password here and ask the hospital:',
  },
  factor_confirmed: {
    subject: 'Your account has a second factor',
    says: 'From now on a sign-in asks for a code of your app. If it was not you, choose another password here:',
  },
  factor_removed: {
    subject: 'Your account has no second factor any more',
    says: 'A sign-in asks for no code any more. If it was not you, choose another password here:',
  },
  factor_reset: {
    subject: 'An admin has taken away your second factor',
    says: 'Your sessions have ended, and a sign-in asks for no code until you set one up. If you did not ask for it, choose another password here:',
  },
  role_changed: {
    subject: 'The role of your account was changed',
    says: 'An admin has changed what your account may do. Sign in again; if you did not expect it, ask the hospital. Your password can be changed here:',
  },
  recovery_code_used: {
    subject: 'A recovery code of your account was used',
    says: 'It stood for your second factor, and is used up. If it was not you, choose another password here:',
  },
};
const otherwise = 'If you did not expect this email, do nothing.';

/** AUTH-12, AUTH-13: sends one-time links, and what was done to an account. Nothing that a person wrote is in these emails. */
export function createAccountEmails({ mail, letterOf, clock }: AccountEmailsDeps) {
  return async ({ entry_id, payload }: Entry<'account.email'>): Promise<void> => {
    const letter = await letterOf(payload);
    if (!letter) return;
    const { to, about, url } = letter;
    const { subject, says } = texts[about];
    const content = {
      subject,
      text: `${says}\n\n${url}\n\n-- \n${otherwise}\n`,
      html: toText(
        html`<!doctype html>
          <html lang="en">
            <title>${subject}</title>
            <p>${says}</p>
            <p><a href="${url}">${url}</a></p>
            <p><small>${otherwise}</small></p>
          </html>`,
      ),
    };
    try {
      await mail.send({ email_id: entry_id, to, date: clock.now(), ...content });
    } catch (error) {
      // For good: the owner, or an admin, asks for another one.
      if (!(error instanceof MailError && error.permanent)) throw error;
    }
  };
}
