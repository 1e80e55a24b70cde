import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** As much as the configuration asks of a JWT_SECRET. */
const minLength = 32;

/**
 * The signing secret of a system that was not given one: made once, kept in the data directory, readable by its owner
 * only, so that a restart logs nobody out and no clone shares a default. Throws one clear line when the file is cut off.
 */
export async function signingSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, 'jwt-secret');
  // A name that nobody has had: a file left by a killed process may be the secret itself, under its other name.
  const mine = `${file}.${randomUUID()}`;
  await mkdir(dataDir, { recursive: true });
  await writeFile(mine, randomBytes(48).toString('base64url'), { mode: 0o600 });
  try {
    // A link appears with its content, and only if nobody was first; then the other's secret is the one.
    await link(mine, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(mine, { force: true });
  }
  const secret = await readFile(file, 'utf8');
  if (secret.length >= minLength) return secret;
  throw new Error(
    `${file} holds no signing secret of ${minLength} characters or more: remove it and start again (all sign in anew).`,
  );
}
