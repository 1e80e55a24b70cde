/** Answers as they were sent, by their tags. A tag names its content for ever, so nothing in here is ever wrong. */
interface Cache<T> {
  get(tag: string): T | undefined;
  set(tag: string, value: T, bytes: number): void;
}

/** The least recently used go first. What would take more than a tenth of the room is not kept. */
export function createCache<T>({ entries, bytes }: { entries: number; bytes: number }): Cache<T> {
  /** In the order of their last use. */
  const kept = new Map<string, { readonly value: T; readonly size: number }>();
  let used = 0;

  function remove(tag: string): void {
    const known = kept.get(tag);
    if (known && kept.delete(tag)) used -= known.size;
  }

  return {
    get(tag) {
      const known = kept.get(tag);
      if (!known) return undefined;
      kept.delete(tag);
      kept.set(tag, known);
      return known.value;
    },
    set(tag, value, size) {
      remove(tag);
      if (size > bytes / 10) return;
      kept.set(tag, { value, size });
      used += size;
      for (const oldest of kept.keys()) {
        if (used <= bytes && kept.size <= entries) break;
        remove(oldest);
      }
    },
  };
}
