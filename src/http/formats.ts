/** What `?format=` calls a media type that a route answers with. */
const names = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/pdf': 'pdf',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'image/svg+xml': 'svg',
  'image/png': 'png',
} as const;

type MediaType = keyof typeof names;
type Format = (typeof names)[MediaType];

/** Throws for a media type that has no name yet: it needs one here. */
export function formatOf(type: string): Format {
  const name = (names as Readonly<Record<string, Format>>)[type];
  if (name === undefined) throw new Error(`no format is called ${type}`);
  return name;
}
