/*
 * Several values in one text, any of which will do, as FHIR's search writes them: `H1,H2`. In a value, `\,` is a comma and `\\` a
 * backslash; any other backslash stands for itself.
 */

/** No text of ours holds it (lib/text.ts). */
const between = '\0';

/** Each value once, in an order that does not depend on theirs; none of nothing. */
export function valuesIn(text: string | undefined): string[] {
  if (text === undefined) return [];
  const values = text.replace(/\\([\\,])|,/g, (_, kept?: string) => kept ?? between).split(between);
  return [...new Set(values)].sort();
}

/** The text of values, the same for the same values; undefined of none. */
export function eitherText(values: readonly string[]): string | undefined {
  if (values.length === 0) return undefined;
  return [...new Set(values)]
    .sort()
    .map((value) => value.replace(/[\\,]/g, '\\$&'))
    .join(',');
}
