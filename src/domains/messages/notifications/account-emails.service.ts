import type { Entry } from '../../../contracts/hand-overs.js';
import type { Clock } from '../../../lib/clock.js';
import { html, toText } from '../../../lib/html.js';
import { MailError, type Mail } from './mail.js';

type Purpose = 'invitation' | 'confirmation';

export interface AccountEmailsDeps {
  readonly mail: Mail;
  /** The link and where it goes; null when it is used, or too old. */
  letterOf(link_id: string): Promise<{ to: string; purpose: Purpose; url: string } | null>;
  readonly clock: Clock;
}

const texts: { readonly [P in Purpose]: { readonly subject: string; readonly about: string } } = {
  invitation: {
    subject: 'You are invited to an account',
    about: 'An account was made for you. Choose its password here; the link works once, within three days.',
  },
  confirmation: {
    subject: 'Confirm your email address',
    about: 'Confirm here that this address is yours; the link works once, within a week.',
  },
};
const otherwise = 'If you did not expect this email, do nothing.';

/** AUTH-13: sends one-time links. Nothing that a person wrote is in these emails. */
export function createAccountEmails({ mail, letterOf, clock }: AccountEmailsDeps) {
  return async ({ entry_id, payload }: Entry<'account.email'>): Promise<void> => {
    const letter = await letterOf(payload.link_id);
    if (!letter) return;
    const { to, purpose, url } = letter;
    const { subject, about } = texts[purpose];
    const content = {
      subject,
      text: `${about}\n\n${url}\n\n-- \n${otherwise}\n`,
      html: toText(
        html`<!doctype html>
          <html lang="en">
            <title>${subject}</title>
            <p>${about}</p>
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
