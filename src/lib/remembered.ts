/** A pure function that remembers its last results by the text of what it is asked; what it throws is not remembered. */
export function remembered<A extends readonly unknown[], R>(
  act: (...args: A) => R,
  keyOf: (...args: A) => string,
  most = 1_000,
): (...args: A) => R {
  const results = new Map<string, R>();
  return (...args) => {
    const key = keyOf(...args);
    const known = results.get(key);
    if (known !== undefined || results.has(key)) return known as R;
    const result = act(...args);
    // A map keeps the order of insertion: the first is the oldest.
    if (results.size >= most) results.delete(results.keys().next().value!);
    results.set(key, result);
    return result;
  };
}
