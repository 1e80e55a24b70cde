import type { Actor, Role } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { mayUse } from '../../../lib/permissions.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { Signer } from '../../identity/accounts/index.js';
import type { AuditRecord, AuditService } from '../../identity/audit/index.js';
import type { KeptQuestions, Question, ReportAnswer, ReportsService } from '../engine/index.js';
import { askerFor, mayHave, visibleTo } from './report-links.policy.js';
import type { ReportLinkRepository } from './report-links.repository.js';
import type { linkBody } from './report-links.schema.js';
import type { ReportLink, ShownLink } from './report-links.types.js';

export interface ReportLinksDeps {
  readonly links: ReportLinkRepository;
  readonly questions: KeptQuestions;
  readonly reports: Pick<ReportsService, 'prepare' | 'answer'>;
  readonly signer: Signer;
  readonly audit: AuditService;
  /** Who a user would ask as just now; null when the account is closed. */
  askerOf(user_id: string): Promise<{ readonly role: Role } | null>;
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Where this site is, for people. */
  readonly publicUrl: string;
}

/** What a request tells of who opens a link. */
interface Opening {
  readonly id: string;
  readonly address: string;
  readonly signal?: AbortSignal | undefined;
}

/** What an open link shows. */
export interface Shared {
  readonly link: ReportLink;
  readonly asked: Question['asked'];
  readonly answer: ReportAnswer;
}

const dayMs = 86_400_000;
/** How many that are good a user may have. */
const most = 50;
const purpose = 'report link';

/** REP-14: links that show one report without a sign-in. */
export function createReportLinksService(deps: ReportLinksDeps) {
  const { links, questions, signer, audit, locks, transact, clock, newId } = deps;

  const shownTo = ({ user_id }: Actor, link: ReportLink): ShownLink => ({
    ...link,
    url:
      link.user_id === user_id
        ? `${deps.publicUrl}/shared/${signer.sign(purpose, link.report_link_id)}`
        : null,
  });

  async function reached(actor: Actor, report_link_id: string, tx?: MongoTransaction): Promise<ReportLink> {
    const link = await links.find(report_link_id, tx);
    if (!link || !mayHave(actor, link)) throw notFound('report link');
    return link;
  }

  const recordOf = (
    action: AuditRecord['action'],
    report_link_id: string,
    by: Partial<AuditRecord>,
  ): AuditRecord => ({
    ...{ action, outcome: 'success', actor_user_id: null, role: null, subject: report_link_id },
    ...{ address: null, request_id: null },
    ...by,
  });

  const byActor = ({ user_id, role }: Actor): Partial<AuditRecord> => ({ actor_user_id: user_id, role });

  /** The link that was signed as this. Throws `link_not_valid`, `link_expired`, and `link_revoked`, also when its maker has left. */
  async function opened(token: string): Promise<ReportLink> {
    const report_link_id = signer.read(purpose, token);
    const link = report_link_id === null ? null : await links.find(report_link_id);
    if (!link) throw new Problem('link_not_valid');
    if (link.revoked_at !== null) throw new Problem('link_revoked');
    if (link.expires_at <= clock.now()) throw new Problem('link_expired');
    const maker = await deps.askerOf(link.user_id);
    if (!maker || !mayUse(maker.role, 'reports:share')) throw new Problem('link_revoked');
    return link;
  }

  const forActors = publicDoor({
    get: async (actor: Actor, report_link_id: string): Promise<ShownLink> =>
      shownTo(actor, await reached(actor, report_link_id)),

    async list(actor: Actor, page: PageRequest): Promise<Page<ShownLink>> {
      const { items, next_cursor } = await links.listPage(visibleTo(actor), page);
      return { items: items.map((link) => shownTo(actor, link)), next_cursor };
    },

    /** Throws what the report would throw if it were asked now, and `too_many_links`. */
    async create(actor: Actor, { days, ...question }: Infer<typeof linkBody>): Promise<ShownLink> {
      const { user_id } = actor;
      await questions.check(askerFor(user_id), question);
      const now = clock.now();
      const report_link_id = newId('RL');
      const link = await transact(async (tx) => {
        await locks.share('report links', user_id, tx);
        if ((await links.countGood(user_id, now, tx)) >= most)
          throw new Problem('too_many_links', `${most} are the most: revoke one first.`);
        await audit.record(recordOf('report_link.created', report_link_id, byActor(actor)), tx);
        return links.insert(
          {
            ...{ report_link_id, user_id, ...question, created_at: now },
            expires_at: new Date(now.getTime() + days * dayMs),
            ...{ revoked_at: null, opened: 0, last_opened_at: null },
          },
          tx,
        );
      });
      return shownTo(actor, link);
    },

    /** Nobody opens it any more. Throws `not_found`, `step_done`. */
    revoke: (actor: Actor, report_link_id: string): Promise<void> =>
      transact(async (tx) => {
        await reached(actor, report_link_id, tx);
        if (!(await links.revoke(report_link_id, clock.now(), tx)))
          throw new Problem('step_done', 'The link is revoked.');
        await audit.record(recordOf('report_link.revoked', report_link_id, byActor(actor)), tx);
      }),

    /** What it shows now, on record. Throws `link_not_valid`, `link_expired`, `link_revoked` and what the report throws. */
    async open(_actor: Actor | null, token: string, { id, address, signal }: Opening): Promise<Shared> {
      const link = await opened(token);
      const { report_link_id, report } = link;
      const query = questions.queryOf(link);
      const question = await deps.reports.prepare(report, askerFor(report_link_id), query, { signal });
      const { answer } = await deps.reports.answer(question);
      await transact(async (tx) => {
        await links.countOpening(report_link_id, clock.now(), tx);
        await audit.record(recordOf('report_link.opened', report_link_id, { address, request_id: id }), tx);
      });
      return { link, asked: question.asked, answer };
    },
  });

  return { forActors };
}

export type ReportLinksService = ReturnType<typeof createReportLinksService>;
