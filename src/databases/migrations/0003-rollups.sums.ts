/* How migration 0003 spells sums that are kept. */

export const list = (names: readonly string[]): string => names.join(', ');
export const sums = (names: readonly string[]): string =>
  list(names.map((name) => `sum(${name}) as ${name}`));
const added = (names: readonly string[]): string =>
  list(names.map((name) => `${name} = kept.${name} + excluded.${name}`));

/** Adds `rows` to a rollup, in the order of its key: anyone who waits for a row holds none that comes behind it. */
export const addTo = (
  table: string,
  key: readonly string[],
  figures: readonly string[],
  rows: string,
): string => `
  insert into ${table} as kept (${list([...key, ...figures])})
    ${rows}
    order by ${key.map((_, index) => index + 1).join(', ')}
    on conflict (${list(key)}) do update set ${added(figures)};`;

export const counters = (names: readonly string[]): string =>
  list(names.map((name) => `${name} bigint not null default 0`));
