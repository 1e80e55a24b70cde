import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { periodic, type Periodic } from '../lib/periodic.js';
import type { Logger } from '../lib/logger.js';

export interface CertificateFiles {
  /** The chain, the server's own first, in PEM. */
  readonly certFile: string;
  readonly keyFile: string;
}

interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Throws an Error that a person who starts the server can read. */
export async function readCertificate({ certFile, keyFile }: CertificateFiles): Promise<Certificate> {
  const read = (name: string, file: string): Promise<Buffer> =>
    readFile(file).catch((cause: Error) => {
      throw new Error(`${name} cannot be read: ${cause.message}`, { cause });
    });
  const [cert, key] = await Promise.all([read('TLS_CERT_FILE', certFile), read('TLS_KEY_FILE', keyFile)]);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`TLS_CERT_FILE and TLS_KEY_FILE are no certificate and its key: ${message}`, { cause });
  }
  return { cert, key };
}

const isSame = (a: Certificate, b: Certificate): boolean => a.cert.equals(b.cert) && a.key.equals(b.key);

/**
 * Gives the server what has taken the place of its certificate: from then on each new connection has it, and none ends. Files that do not
 * go together, as while they are being written, are logged, and looked at again.
 */
export function renewals(
  server: Pick<Server, 'setSecureContext'>,
  files: CertificateFiles,
  first: Certificate,
  logger: Logger,
  everyMs = 10_000,
): Periodic {
  let current = first;
  return periodic(
    'certificate',
    everyMs,
    async () => {
      const found = await readCertificate(files);
      if (isSame(found, current)) return;
      server.setSecureContext(found);
      current = found;
      logger.info('the certificate was renewed');
    },
    logger,
  );
}
