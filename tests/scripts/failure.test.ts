import { expect } from 'chai';
import { reportFailure } from '../../src/failure.js';
import { ConfigError } from '../../src/config.js';
import { EmbeddedError } from '../../src/databases/embedded/index.js';

describe('tellFailure', () => {
  function told(error: unknown): [number, string] {
    const { write } = process.stderr;
    let said = '';
    process.stderr.write = (text: string | Uint8Array) => (said += String(text)) !== '';
    try {
      return [reportFailure(error), said];
    } finally {
      process.stderr.write = write;
    }
  }
  const named = (name: string, message: string, code?: string | number) =>
    Object.assign(new Error(message), { name, code });

  it('DOCS-4: a known failure is one line, with the exit code of its kind', () => {
    expect(told(new ConfigError(['PORT is no port']))[0]).to.equal(2);
    expect(told(new EmbeddedError('no mongod'))).to.deep.equal([3, 'no mongod\n']);
    expect(told(named('MongooseServerSelectionError', 'nobody there'))).to.deep.equal([
      3,
      'MongoDB: nobody there\n',
    ]);
    expect(told(named('MongoServerError', 'Authentication failed.', 18))).to.deep.equal([
      3,
      'MongoDB: Authentication failed.\n',
    ]);
    expect(told(named('AggregateError', '', 'ECONNREFUSED'))).to.deep.equal([3, 'Postgres: ECONNREFUSED\n']);
    expect(told(new Error('Port 5000 is taken.'))).to.deep.equal([1, 'Port 5000 is taken.\n']);
  });

  it('DOCS-4: what nobody foresaw comes with its stack', () => {
    const [code, said] = told(new TypeError('x is not a function'));
    expect(code).to.equal(1);
    expect(said).to.match(/^TypeError: x is not a function\n +at /);
    expect(told(undefined)[0]).to.equal(1);
  });
});
