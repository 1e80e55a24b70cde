import { expect } from 'chai';
import { readMongoExplain, readPostgresExplain } from '../../benchmarks/indexes/plans.js';

const stats = { totalKeysExamined: 21, totalDocsExamined: 20 };

describe('readMongoExplain', () => {
  it('DBA-2: reads a find of the classic engine, the index first', () => {
    const scan = { stage: 'IXSCAN', indexName: 'doctor_id_1_date_1__id_1' };
    const winningPlan = { stage: 'LIMIT', inputStage: { stage: 'FETCH', inputStage: scan } };
    const explain = { queryPlanner: { winningPlan, rejectedPlans: [] }, executionStats: stats };
    expect(readMongoExplain(explain)).to.deep.equal({
      keys: 21,
      documents: 20,
      plan: 'doctor_id_1_date_1__id_1, FETCH',
    });
  });

  it('DBA-2: reads an aggregate, whose cursor is its first stage, and SBE, whose plan is one level deeper', () => {
    const winningPlan = {
      queryPlan: { stage: 'GROUP', inputStage: { stage: 'COLLSCAN' } },
      slotBasedPlan: {},
    };
    const $cursor = { queryPlanner: { winningPlan }, executionStats: stats };
    expect(readMongoExplain({ stages: [{ $cursor }, { $sort: {} }] }).plan).to.equal('COLLSCAN');
  });
});

describe('readPostgresExplain', () => {
  const plan = (node: object) => [{ Plan: node }];

  it('DBA-2: counts the rows that a sequential scan has thrown away', () => {
    const scan = {
      'Node Type': 'Seq Scan',
      'Actual Rows': 5,
      'Actual Loops': 1,
      'Rows Removed by Filter': 95,
    };
    expect(readPostgresExplain(plan({ 'Node Type': 'Sort', Plans: [scan] }))).to.deep.equal({
      keys: 0,
      documents: 100,
      plan: 'Seq Scan, Sort',
    });
  });

  it('DBA-2: counts the keys of an index, and the rows only where the table was read', () => {
    const only = {
      'Node Type': 'Index Only Scan',
      'Index Name': 'billing_by_kind',
      'Actual Rows': 40,
      'Actual Loops': 1,
      'Heap Fetches': 2,
    };
    expect(readPostgresExplain(plan(only))).to.deep.equal({
      keys: 40,
      documents: 2,
      plan: 'billing_by_kind',
    });
    const scan = { ...only, 'Node Type': 'Index Scan' };
    expect(readPostgresExplain(plan(scan))).to.deep.equal({
      keys: 40,
      documents: 40,
      plan: 'billing_by_kind',
    });
  });
});
