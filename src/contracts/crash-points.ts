import { betweenStores, type BetweenStores, type HandOver } from './hand-overs.js';

/**
 * The moments of a hand-over at which a process may die and leave the stores apart: in the deciding transaction before
 * its commit, after that commit, when a relay has taken the entry, in the other store's transaction before its commit,
 * and when that has committed but the entry is not marked.
 */
const crashMoments = ['deciding', 'decided', 'taken', 'applying', 'applied'] as const;
type CrashMoment = (typeof crashMoments)[number];

/** The trail's entry crosses with what it is about, and is decided at the same moments. */
type Watched = Exclude<BetweenStores, 'audit.event'>;
/** Of visits and their money. */
export type Drilled = Exclude<Watched, 'patient.merged'>;

export type CrashPoint = `${Watched}:${CrashMoment}`;

const pointsOf = (kind: Watched): CrashPoint[] => crashMoments.map((moment) => `${kind}:${moment}` as const);

export const crashPoints: readonly CrashPoint[] = betweenStores
  .filter((kind) => kind !== 'audit.event')
  .flatMap(pointsOf);

/** Those of visits and their money, which `drill:crash` counts. */
export const visitPoints = crashPoints.filter((point) => !point.startsWith('patient.'));

/**
 * The moments at which a process that delivers reports may die: when a report that is due is taken off the schedule, before
 * and after that is committed; when a delivery is claimed; when its file is stored, before and after that is committed.
 */
export const deliveryPoints = crashMoments.map((moment) => `report.delivery:${moment}` as const);
export type DeliveryPoint = (typeof deliveryPoints)[number];

/** Says that a point is reached: nothing happens, unless the process is to die there (`CRASH_AT`, for drills). */
export type ReachPoint<Kind extends string = HandOver | 'report.delivery'> = (
  kind: Kind,
  moment: CrashMoment,
) => void;

/** `die` ends the process at once. */
export const reachPoints =
  (crashAt: string | undefined, die: () => void): ReachPoint<string> =>
  (kind, moment) => {
    if (crashAt === `${kind}:${moment}`) die();
  };
