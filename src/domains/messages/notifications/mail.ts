import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type NodemailerError } from 'nodemailer';

export interface Email {
  /** The same when the same email is sent again, so that its reader has it once (Message-ID). */
  readonly email_id: string;
  readonly to: string;
  readonly date: Date;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachments?: readonly {
    readonly filename: string;
    readonly content: Buffer;
    readonly contentType: string;
  }[];
}

export interface Mail {
  /** Resolves when the server has taken the email. Throws MailError. */
  send(email: Email): Promise<void>;
  /** Closes the connections; what is being sent is broken off, and fails. */
  close(): void;
}

/** An email that was not taken. Its message names nobody, for it is logged; `code` is nodemailer's. */
export class MailError extends Error {
  override readonly name = 'MailError';

  constructor(
    /** This address or this email is refused for good; otherwise the same may be taken later. */
    readonly permanent: boolean,
    readonly code: string | undefined,
  ) {
    super(permanent ? 'the mail server refuses the email' : 'the mail server does not take the email now');
  }
}

/** All of a delivery together: less than a relay's claim of it lasts. */
const sendMs = 20_000;

/**
 * A refusal that another attempt would get again. A refused login or sender is a mistake in our configuration: it is tried
 * again, for the next start may have it right.
 */
const isPermanent = ({ command, permanent }: NodemailerError): boolean =>
  permanent === true && (command === 'RCPT TO' || command === 'DATA');

/** `url` as `smtp://user:password@host:port`, `from` as `Name <address>`. Its one connection stays open between emails. */
export function createMail({ url, from }: { url: string; from: string }): Mail {
  const domain = /@([^\s@>]+)/.exec(from)?.[1] ?? 'localhost';
  const transport = createTransport({
    ...{ url, pool: true, maxConnections: 1, idleTimeout: 30_000 },
    ...{ connectionTimeout: 5_000, dnsTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 10_000 },
    // It is the outbox that tries again.
    maxRequeues: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ email_id, to, attachments = [], ...content }) {
      try {
        await transport.sendMail({
          ...content,
          attachments: [...attachments],
          from,
          // As an object it is one address, whatever it holds.
          to: { name: '', address: to },
          messageId: `<${email_id}@${domain}>`,
          // RFC 3834: so that no absence is told to it.
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(sendMs),
        });
      } catch (error) {
        const failure = error as NodemailerError;
        throw new MailError(isPermanent(failure), failure.code);
      }
    },
    close: () => void transport.close({ force: true }),
  };
}

/**
 * Where there is no mail server, what must not get lost is a file that the operator reads: `<folder>/<id>.eml`, for its owner
 * only, because there are one-time links in it.
 */
export function createFileMail({ folder, from }: { folder: string; from: string }): Mail {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return {
    async send({ email_id, to, attachments = [], ...content }) {
      const { message } = await transport.sendMail({
        ...content,
        ...{ attachments: [...attachments], from, to: { name: '', address: to } },
      });
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${email_id}.eml`), message as Buffer, { mode: 0o600 });
    },
    close: () => undefined,
  };
}
