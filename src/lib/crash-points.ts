/** What crosses from one store to the other, by the kind of its outbox entry. */
export const handOvers = ['appointment.completed', 'appointment.cancelled', 'payment.changed'] as const;
export type HandOver = (typeof handOvers)[number];

/**
 * The moments of a hand-over at which a process may die and leave the stores apart: in the deciding transaction before
 * its commit, after that commit, when a relay has taken the entry, in the other store's transaction before its commit,
 * and when that has committed but the entry is not marked.
 */
export const crashMoments = ['deciding', 'decided', 'taken', 'applying', 'applied'] as const;
export type CrashMoment = (typeof crashMoments)[number];

export type CrashPoint = `${HandOver}:${CrashMoment}`;

export const crashPoints: readonly CrashPoint[] = handOvers.flatMap((kind) =>
  crashMoments.map((moment) => `${kind}:${moment}` as const),
);

/** Says that a point is reached: nothing happens, unless the process is told to die there (`CRASH_AT`, for drills). */
export type ReachPoint = (kind: string, moment: CrashMoment) => void;

/** `die` ends the process without any farewell. */
export const reachPoints =
  (crashAt: string | undefined, die: () => void): ReachPoint =>
  (kind, moment) => {
    if (crashAt === `${kind}:${moment}`) die();
  };
