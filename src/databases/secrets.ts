import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** As much as the configuration asks of a JWT_SECRET. */
const minLength = 32;

/**
 * The secret in `file`: made once, of 96 hexadecimal digits (which MongoDB's key files and URIs take as they are), and readable
 * by its owner only. Throws one clear line with `remedy` when the file is cut off.
 */
export async function keptSecret(file: string, remedy: string): Promise<string> {
  // A name that nobody has had: a file left by a killed process may be the secret itself, under its other name.
  const mine = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(mine, randomBytes(48).toString('hex'), { mode: 0o600 });
  try {
    // A link appears with its content, and only if nobody was first; then the other's secret is the one.
    await link(mine, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(mine, { force: true });
  }
  // A folder that was copied may have come with other modes.
  if ((await stat(file)).mode & 0o077) await chmod(file, 0o600);
  const secret = (await readFile(file, 'utf8')).trim();
  if (secret.length >= minLength) return secret;
  throw new Error(`${file} holds no secret of ${minLength} characters or more: ${remedy}`);
}

/** The signing secret of a system that was not given one, so that a restart logs nobody out and no clone shares a default. */
export const signingSecret = (dataDir: string): Promise<string> =>
  keptSecret(join(dataDir, 'jwt-secret'), 'remove it and start again (all sign in anew).');
