import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { signingSecret } from '../../src/databases/secrets.js';

describe('signingSecret', () => {
  let dataDir: string;
  beforeEach(async () => (dataDir = await mkdtemp(join(tmpdir(), 'secrets-'))));
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('AUTH-4: ten at a time make one secret, which its owner alone may read, and leave nothing else', async () => {
    const secrets = await Promise.all(Array.from({ length: 10 }, () => signingSecret(dataDir)));
    expect(new Set(secrets).size).to.equal(1);
    expect(secrets[0]).to.match(/^[0-9a-f]{96}$/);
    expect(await signingSecret(dataDir)).to.equal(secrets[0]);
    expect(await readdir(dataDir)).to.deep.equal(['jwt-secret']);
    expect((await stat(join(dataDir, 'jwt-secret'))).mode & 0o777).to.equal(0o600);
  });

  it('AUTH-4: refuses an empty file and one that was cut off, in one line that names it', async () => {
    for (const text of ['', 'x'.repeat(31)]) {
      await writeFile(join(dataDir, 'jwt-secret'), text);
      const error = await signingSecret(dataDir).catch((reason: Error) => reason);
      expect(error).to.be.instanceOf(Error);
      expect((error as Error).message)
        .to.include(join(dataDir, 'jwt-secret'))
        .and.not.include('\n');
    }
  });
});
