import { betweenStores, type BetweenStores, type HandOver } from './hand-overs.js';

/**
 * The moments of a hand-over at which a process may die and leave the stores apart: in the deciding transaction before
 * its commit, after that commit, when a relay has taken the entry, in the other store's transaction before its commit,
 * and when that has committed but the entry is not marked.
 */
const crashMoments = ['deciding', 'decided', 'taken', 'applying', 'applied'] as const;
export type CrashMoment = (typeof crashMoments)[number];

export type CrashPoint = `${BetweenStores}:${CrashMoment}`;

const pointsOf = (kind: BetweenStores): CrashPoint[] =>
  crashMoments.map((moment) => `${kind}:${moment}` as const);

export const crashPoints: readonly CrashPoint[] = betweenStores.flatMap(pointsOf);

/**
 * The moments at which a process that keeps the reports' sums may die: when it has taken the lease, when the figures are
 * emptied, when it has read a part of the records and when that is stored, when all of them are in; and when it has a batch
 * of changes in hand, in the transaction that takes them in before its commit, and after that.
 */
const projectorMoments = [
  'lease-taken',
  'reset',
  'chunk-read',
  'chunk-applied',
  'live',
  'taken',
  'applying',
  'applied',
] as const;
export type ProjectorMoment = (typeof projectorMoments)[number];

export type ProjectorPoint = `projector:${ProjectorMoment}`;

/** Apart from `crashPoints`: no store is ahead of the other there, so there is nothing for a reconciliation to find. */
export const projectorPoints: readonly ProjectorPoint[] = projectorMoments.map(
  (moment) => `projector:${moment}` as const,
);

/**
 * The moments at which a process that delivers reports may die: when a report that is due is taken off the schedule, before
 * and after that is committed; when a delivery is claimed; when its file is stored, before and after that is committed.
 */
export const deliveryPoints = crashMoments.map((moment) => `report.delivery:${moment}` as const);
export type DeliveryPoint = (typeof deliveryPoints)[number];

/** Says that a point is reached: nothing happens, unless the process is to die there (`CRASH_AT`, for drills). */
export type ReachPoint<Kind extends string = HandOver | 'projector' | 'report.delivery'> = (
  kind: Kind,
  moment: CrashMoment | ProjectorMoment,
) => void;

/** `die` ends the process at once. */
export const reachPoints =
  (crashAt: string | undefined, die: () => void): ReachPoint<string> =>
  (kind, moment) => {
    if (crashAt === `${kind}:${moment}`) die();
  };
