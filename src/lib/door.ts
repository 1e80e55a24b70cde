import type { Actor } from './actor.js';

/** Refuses, in words that the compiler repeats, a member that does not take who asks first. */
type ActorFirst<Member> = Member extends (first: infer First, ...rest: never[]) => unknown
  ? [Actor, First] extends [First, Actor | null]
    ? Member
    : 'must take an Actor first'
  : 'must be a function';

/**
 * What a request may use of a domain whose records are somebody's. Every member takes who asks first (null: nobody who is
 * signed in, where that may be), and authorises before it acts. What other domains use stands beside the door, not in it.
 */
export const publicDoor = <const Door extends { readonly [Name in keyof Door]: ActorFirst<Door[Name]> }>(
  door: Door,
): Door => door;
