import { expect } from 'chai';
import { MongoBulkWriteError, MongoNetworkError, MongoServerError, type BulkWriteResult } from 'mongodb';
import { isPassingMongoFailure } from '../../src/databases/failures.js';

describe('isPassingMongoFailure', () => {
  const bulk = (cause: Error): Error => new MongoBulkWriteError(cause, {} as BulkWriteResult);

  it('DBA-3: knows a lost primary by the name, the code or the label, and a duplicate key as none', () => {
    const labelled = new MongoServerError({ code: 112, errorLabels: ['TransientTransactionError'] });
    const interrupted = new MongoServerError({ code: 11601 });
    for (const error of [
      new MongoNetworkError('gone'),
      new MongoServerError({ code: 10107 }),
      interrupted,
      labelled,
    ])
      expect(isPassingMongoFailure(error), error.name).to.equal(true);
    for (const error of [new MongoServerError({ code: 11000 }), new Error('other'), undefined, null])
      expect(isPassingMongoFailure(error)).to.equal(false);
  });

  it('DBA-3: knows it in the wrapping of a bulk write too', () => {
    expect(isPassingMongoFailure(bulk(new MongoNetworkError('gone')))).to.equal(true);
    expect(isPassingMongoFailure(bulk(new MongoServerError({ code: 10107 })))).to.equal(true);
    expect(isPassingMongoFailure(bulk(new MongoServerError({ code: 11000 })))).to.equal(false);
  });
});
