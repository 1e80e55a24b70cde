import type { Check, CheckStatus, Operations } from '../../domains/exchange/operations/index.js';
import { html, type Html } from '../../lib/html.js';
import { stampTag } from '../format.js';
import type { View } from '../page.js';
import { facts } from '../parts.js';

interface OperationsView extends Operations {
  /** Of the one who reads it. */
  readonly zone: string;
}

const words: Readonly<Record<CheckStatus, { readonly text: string; readonly tag: string }>> = {
  failed: { text: 'Failed', tag: 'bad' },
  warning: { text: 'Look at it', tag: 'warn' },
  ok: { text: 'In order', tag: 'good' },
};

const countName = (name: string): string => {
  const text = name.replaceAll('_', ' ');
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
};

function checkItem({ title, status, since, detail, counts, command }: Check, zone: string): Html {
  const { text, tag } = words[status];
  return html`<li class="card check">
    <h3>${title} <span class="tag ${tag}">${text}</span></h3>
    <p>${detail}</p>
    ${
      command !== null && html`<p class="command"><span class="quiet">Type</span> <code>${command}</code></p>`
    }
    ${facts([
      ...Object.entries(counts).map(([name, count]) => [countName(name), String(count)] as const),
      ...(since ? [['Since', stampTag(since, zone)] as const] : []),
    ])}
  </li>`;
}

const list = (checks: readonly Check[], zone: string): Html =>
  html`<ul class="rows">
    ${checks.map((check) => checkItem(check, zone))}
  </ul>`;

function summary(wrong: readonly Check[]): string {
  const failed = wrong.filter(({ status }) => status === 'failed').length;
  const rest = wrong.length - failed;
  if (wrong.length === 0) return 'All is in order.';
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(rest > 0 ? [`${rest} should be looked at`] : []),
  ];
  return `${parts.join(', ')}.`;
}

export function operationsPage({ checks, at, zone }: OperationsView): View {
  const wrong = checks.filter(({ status }) => status !== 'ok');
  const right = checks.filter(({ status }) => status === 'ok');
  const count = `${right.length} ${right.length === 1 ? 'check is' : 'checks are'} in order`;
  return {
    title: 'Operations',
    main: html`<h1>Operations</h1>
      <p class="lead">${summary(wrong)} <span class="quiet">Looked at ${stampTag(at, zone)}.</span></p>
      ${
        wrong.length > 0 &&
        html`<section aria-labelledby="wrong">
          <h2 id="wrong">What needs somebody</h2>
          ${list(wrong, zone)}
        </section>`
      }
      ${
        right.length > 0 &&
        html`<details ${wrong.length === 0 && html`open`}>
          <summary>${count}</summary>
          <h2 class="unseen">In order</h2>
          ${list(right, zone)}
        </details>`
      }
      <p class="actions">
        <a class="button second" href="/operations">Look again</a>
        <a class="button second" href="/operations/trail">Who has read which record</a>
      </p>`,
  };
}
