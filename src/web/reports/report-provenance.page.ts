import { behindWords, pathWords, type ReportAnswer } from '../../domains/reports/engine/index.js';
import { html, type Content, type Html } from '../../lib/html.js';
import { clockOf, longDayOf, plural } from '../format.js';
import { countText } from './report-format.js';
import { worded } from './report-query.js';

const isAmount = (value: unknown): value is string =>
  typeof value === 'string' && /^-?\d+\.\d\d$/.test(value);

function receiptValue(value: unknown, currency: string): Content {
  if (typeof value === 'number') return countText(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isAmount(value))
    return `${new Intl.NumberFormat('en', { minimumFractionDigits: 2 }).format(value as `${number}`)} ${currency}`;
  return String(value);
}

const receiptWords: Readonly<Record<string, string>> = {
  both: 'In both databases',
  only_mongodb: 'In MongoDB only',
  only_postgres: 'In Postgres only',
  attributed: 'Shown in the rows',
  unattributed: 'Not shown in the rows',
  balanced: 'Shown and not shown make up the total',
};

/** A receipt is numbers under names, and names under names. */
function receiptList(receipt: object, currency: string): Html {
  const entries = Object.entries(receipt) as [string, unknown][];
  return html`<dl class="receipt">
    ${entries.map(
      ([name, value]) =>
        html`<div>
          <dt>${receiptWords[name] ?? worded(name)}</dt>
          <dd>
            ${typeof value === 'object' && value !== null ? receiptList(value, currency) : receiptValue(value, currency)}
          </dd>
        </div>`,
    )}
  </dl>`;
}

function asOfWords(
  { mongodb, postgres }: ReportAnswer['provenance']['as_of'],
  timeZone: string,
): string | undefined {
  const times = [mongodb, postgres].filter((at) => at !== null).map((at) => new Date(at));
  if (times.length === 0) return undefined;
  // What both stores held: the earlier of the two.
  const at = times.reduce((a, b) => (a < b ? a : b));
  const seconds = String(at.getUTCSeconds()).padStart(2, '0');
  return `${clockOf(at, timeZone)}:${seconds} on ${longDayOf(at, timeZone)}`;
}

/** Where the figures come from, in words, and what they leave out. */
export function provenanceSection(answer: ReportAnswer, currency: string, timeZone: string): Html {
  const { provenance, receipt } = answer;
  const { path, rows_read, engine_ms, version } = provenance;
  const records = rows_read && rows_read.mongodb + rows_read.postgres;
  const asOf = asOfWords(provenance.as_of, timeZone);
  const ms = Math.max(engine_ms.mongodb ?? 0, engine_ms.postgres ?? 0) + engine_ms.merge;
  const sentences = [
    `From ${pathWords[path]}`,
    asOf === undefined ? null : `as of ${asOf} (${timeZone})`,
    behindWords(provenance),
  ].filter((part) => part !== null);
  return html`<section class="provenance" aria-labelledby="provenance">
    <h2 id="provenance">Where these figures come from</h2>
    <p>
      ${sentences.join(', ')};
      ${records === null ? 'a number of records that is hidden' : `${countText(records)} ${plural(records, 'record').replace(/^\d+ /, '')}`},
      computed in ${ms < 1 ? 'less than 1' : countText(ms)} ms. They mean what
      <code>${provenance.definition}</code>, version ${version}, says; days and months are those of
      ${timeZone}.
    </p>
    ${
      receipt &&
      html`<details class="help">
        <summary>How complete they are</summary>
        ${receiptList(receipt, currency)}
      </details>`
    }
  </section>`;
}
