import { AsyncLocalStorage } from 'node:async_hooks';
import { systemClock, type Clock } from '../src/lib/clock.js';

/*
 * A visit is completed not before it begins (BOOK-10), and production has no switch that skips the rule. A drill books ahead
 * and opens its system with this clock: what it does within `atTime` is done at that time, everything else now.
 */
const times = new AsyncLocalStorage<Date>();

/** The time that `atTime` set, for the calls within it. */
export const timeOfDrill = (): Date | undefined => times.getStore();

/** Runs the work as if it were that time. */
export const atTime = <T>(time: Date, work: () => Promise<T>): Promise<T> => times.run(time, work);

export const drillClock: Clock = { now: () => new Date(timeOfDrill() ?? systemClock.now()) };
