import { median } from '../../src/lib/median.js';
import { judge, type Goal } from '../load/goals.js';
import { ratioOf } from '../load/rounds.js';
import { cellName, rateRatio, type Result } from '../contenders/measuring.js';
import { questions } from '../contenders/questions.js';

export const topics = [
  ...(['patient', 'list', 'book'] as const),
  ...(['readers', 'not-modified', 'storm', 'authentication'] as const),
] as const;
export type Topic = (typeof topics)[number];

/** What our API must have of the rate of the bare server, at the least. */
const shares = { patient: 0.65, list: 0.8, book: 0.25 } as const;
/** And of that of one that promises the same of a booking. */
const claimedShare = 0.6;

interface ApiNames {
  readonly ours: string;
  readonly bare: string;
  readonly claiming: string;
}

export function goalsOf(
  results: readonly Result[],
  authenticationUs: readonly number[],
  { ours, bare, claiming }: ApiNames,
): Goal[] {
  const patient = cellName('patient', 32, ours);
  const storm = cellName('storm', 32, ours);
  const roundsOf = (wanted: string) => results.find(({ name }) => name === wanted)?.rounds;
  const [stormy, quiet] = [roundsOf(storm), roundsOf(patient)];
  const goals = (['patient', 'list', 'book'] as const).map((question) => {
    const measured = rateRatio(results, cellName(question, 32, ours), cellName(question, 32, bare));
    const what = `${questions[question].title}: × ${bare}`;
    return judge({ what, least: shares[question], unit: '×' }, measured);
  });
  const claimed = judge(
    { what: `${questions.book.title}: × ${claiming}`, least: claimedShare, unit: '×' },
    rateRatio(results, cellName('book', 32, ours), cellName('book', 32, claiming)),
  );
  const ofPatient = (what: string, least: number, topic: Topic): Goal =>
    judge(
      { what: `${what}: × GET one patient`, least, unit: '×' },
      rateRatio(results, cellName(topic, 32, ours), patient),
    );
  return [
    ...[...goals, claimed],
    ofPatient('two reports in turns, 32 readers', 0.5, 'readers'),
    ofPatient('reports that have not changed, 304', 0.8, 'not-modified'),
    judge(
      { what: 'authentication, processor time', most: 15, unit: 'µs' },
      authenticationUs.length > 0 ? median(authenticationUs) : null,
    ),
    judge(
      { what: 'GET one patient while 8 log in, p97.5: × without', most: 4, unit: '×' },
      stormy && quiet ? ratioOf(stormy, quiet, 'p97_5_ms') : null,
    ),
  ];
}
