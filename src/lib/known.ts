/** How long a process remembers what it has looked up. */
export const freshMs = 1000;
const mostKnown = 10_000;

/**
 * Remembers for a second what a look-up gave, so that most requests cost no query. What is remembered is the question, not the
 * answer: requests that come together ask once, and who forgets reaches a question still under way. `now` is monotonic
 * milliseconds: a clock that a test stops must keep nothing.
 */
export function createKnown<V>(load: (id: string) => Promise<V>, now = () => performance.now()) {
  const known = new Map<string, { readonly value: Promise<V>; readonly until: number }>();
  return {
    async of(id: string): Promise<V> {
      const found = known.get(id);
      if (found && now() < found.until) return found.value;
      const value = load(id);
      known.delete(id);
      known.set(id, { value, until: now() + freshMs });
      // A map keeps the order of insertion: the first is the oldest.
      if (known.size > mostKnown) known.delete(known.keys().next().value!);
      value.catch(() => known.delete(id));
      return value;
    },
    forget: (id: string): void => void known.delete(id),
    /** Forgets when a write has ended, whichever way. */
    forgetAfter: <T>(id: string, write: Promise<T>): Promise<T> => write.finally(() => known.delete(id)),
    forgetAll: (): void => known.clear(),
  };
}
