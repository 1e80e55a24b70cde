import { expect } from 'chai';
import { invalidField, notFound, problems, UniqueViolation, type Problem } from '../../src/lib/errors.js';
import { checkVersion, refuseTaken } from '../../src/lib/records.js';

async function thrownBy(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a problem', () => {
  it('DOCS-3: has a status and a title for each of its codes', () => {
    for (const [code, { status, title }] of Object.entries(problems)) {
      expect(code).to.match(/^[a-z_]+$/);
      expect(status).within(400, 599);
      expect(title, code).to.match(/^[A-Z].*[^.]$/);
    }
  });

  it('names the field that is wrong', () => {
    const { status, code, options } = invalidField('/body/date', 'is in the past');
    expect({ status, code, ...options }).deep.equal({
      status: 400,
      code: 'invalid_request',
      errors: [{ pointer: '/body/date', message: 'is in the past' }],
    });
    expect(notFound('patient')).to.include({ status: 404, message: 'There is no such patient.' });
  });

  it('DOCS-3: is a 412 when the version that was read is not the version any more', async () => {
    checkVersion({ version: 3 }, undefined);
    checkVersion({ version: 3 }, 3);
    const error = (await thrownBy(() => checkVersion({ version: 4 }, 3))) as Problem;
    expect(error).to.include({ status: 412, code: 'stale_version' });
    expect(error.options.more).deep.equal({ version: 4 });
  });

  it('is a 409 that names the key when a unique one is taken, and nothing else is caught', async () => {
    const taken = (key: string) => () => Promise.reject(new UniqueViolation(key));
    const error = (await thrownBy(() => refuseTaken('doctor', taken('registration_number')))) as Problem;
    expect(error).to.include({ status: 409, code: 'already_exists' });
    expect(error.options.more).deep.equal({ key: 'registration_number' });
    expect(((await thrownBy(() => refuseTaken('doctor', taken('_id')))) as Problem).options.more).deep.equal({
      key: 'doctor_id',
    });
    const other = new TypeError('a bug');
    expect(await thrownBy(() => refuseTaken('doctor', () => Promise.reject(other)))).equal(other);
  });
});
