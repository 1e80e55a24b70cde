import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { uint32 } from '../../lib/bytes.js';

/*
 * A file of frames, each sealed by AES-256-GCM: 16 bytes that are this file's alone, then of each frame its length (4 bytes, little
 * endian), its nonce, what is sealed, and the tag. Sealed with each frame are those 16 bytes, its number, and whether it is the last: a file
 * that was cut off, or put together from others, cannot be read.
 */

const idBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const mostBytes = 2 ** 28;

/** A file that is not what this program has sealed with this key. */
export class Unsealable extends Error {
  override readonly name = 'Unsealable';
}

const boundTo = (id: Buffer, number: number, isLast: boolean): Buffer =>
  Buffer.concat([id, uint32(number), Buffer.from([isLast ? 1 : 0])]);

function seal(key: Buffer, bound: Buffer, frame: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  const sealed = Buffer.concat([nonce, cipher.update(frame), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([uint32(sealed.length), sealed]);
}

function unseal(key: Buffer, bound: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
  decipher.setAAD(bound).setAuthTag(sealed.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch (error) {
    throw new Unsealable('it was changed, or sealed with another key', { cause: error });
  }
}

/**
 * Writes a file that takes the place of the one before when it is whole, and on the disk; false where there is no frame, and the one
 * before stays. Throws the reason of `signal`.
 */
export async function writeSealed(
  file: string,
  key: Buffer,
  frames: AsyncIterable<Buffer>,
  signal?: AbortSignal,
): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const mine = `${file}.${randomUUID()}`;
  const handle = await open(mine, 'wx', 0o600);
  try {
    const id = randomBytes(idBytes);
    await handle.writeFile(id);
    let number = 0;
    let waiting: Buffer | undefined;
    for await (const frame of frames) {
      signal?.throwIfAborted();
      if (waiting) await handle.writeFile(seal(key, boundTo(id, number++, false), waiting));
      waiting = frame;
    }
    if (waiting) {
      await handle.writeFile(seal(key, boundTo(id, number, true), waiting));
      await handle.sync();
    }
    await handle.close();
    if (waiting) await rename(mine, file);
    else await rm(mine);
    return waiting !== undefined;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(mine, { force: true });
    throw error;
  }
}

async function take(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead < length) throw new Unsealable('it is cut off');
  return buffer;
}

/** Its frames, in order. Throws Unsealable before a frame that is not to be trusted, and ENOENT. */
export async function* readSealed(file: string, key: Buffer): AsyncGenerator<Buffer, void> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const id = await take(handle, 0, idBytes);
    let at = idBytes;
    for (let number = 0; number === 0 || at < size; number += 1) {
      const length = (await take(handle, at, 4)).readUInt32LE();
      if (length < nonceBytes + tagBytes || length > mostBytes) throw new Unsealable('it is no such file');
      const sealed = await take(handle, at + 4, length);
      at += 4 + length;
      yield unseal(key, boundTo(id, number, at === size), sealed);
    }
  } finally {
    await handle.close();
  }
}
