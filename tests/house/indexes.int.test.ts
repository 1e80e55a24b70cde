import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { models } from '../../src/models.js';
import { startApi, type TestApi } from '../support/api.js';
import { inStep } from '../reports/reports-fixture.js';

/* QUAL-2: a collection or table is declared once, with its indexes, in a model or beside the code below the domains that owns it. */

const files = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));
const listed = new Set<object>([...models.mongodb, ...models.postgres]);
const collections = models.mongodb.map(({ collection }) => collection);
const tables = models.postgres.map(({ table }) => table);

const isDeclaration = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && ('collection' in value || 'table' in value);

/** What a file exports of collections and tables. */
async function declaredBy(file: string): Promise<object[]> {
  const exported = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  return Object.values(exported).flat().filter(isDeclaration);
}

describe('the models', () => {
  it('QUAL-2: declare each collection and each table once', () => {
    expect(collections).deep.equal([...new Set(collections)]);
    expect(tables).deep.equal([...new Set(tables)]);
  });

  it('QUAL-2: are files that declare something, with its indexes, which src/models.ts lists', async () => {
    const found = new Set<object>();
    for (const file of files.filter((name) => name.endsWith('.model.ts'))) {
      const declared = await declaredBy(file);
      expect(declared.length, file).greaterThan(0);
      for (const one of declared) {
        expect(one, file).to.have.property('indexes').that.is.an('array');
        expect(listed.has(one), `${file}: ${JSON.stringify(one)} is not in src/models.ts`).equal(true);
        found.add(one);
      }
    }
    // What is left belongs to what stands below the domains: it is declared there.
    for (const file of files.filter((name) => /^src\/(databases|http)\//.test(name)))
      if (/\bdefine(Collection|Table)</.test(readFileSync(file, 'utf8')))
        for (const one of await declaredBy(file)) found.add(one);
    expect([...listed].filter((one) => !found.has(one))).deep.equal([]);
  });

  it('QUAL-2: name every collection that the code asks for by its name', () => {
    const named = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\.collection(?:<[^()]*>)?\('(\w+)'\)/g)].map(
        ([, name]) => [file, name!] as const,
      ),
    );
    expect(named.filter(([, name]) => !collections.includes(name))).deep.equal([]);
  });
});

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly references: string | null;
}

/** As the store has them; a foreign key of one column as the table that it refers to. */
const columnsSql = `
  select t.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    (select c.confrelid::regclass::text from pg_constraint c
      where c.contype = 'f' and c.conrelid = t.oid and c.conkey = array[a.attnum]) as references
  from pg_class t join pg_namespace n on n.oid = t.relnamespace join pg_attribute a on a.attrelid = t.oid
  where n.nspname = current_schema() and t.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    and t.relname not like 'knex_migrations%'
  order by t.relname, a.attnum`;

const keysSql = `
  select c.conrelid::regclass::text as table,
    (select array_agg(a.attname::text order by at.n) from unnest(c.conkey) with ordinality as at (num, n)
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = at.num) as columns
  from pg_constraint c join pg_namespace n on n.oid = c.connamespace
  where c.contype = 'p' and n.nspname = current_schema()`;

/** `timestamp(3) with time zone` as we spell it. */
const short = (type: string): string =>
  type.replace(/^timestamp(\(\d\))? with time zone$/, (_, digits = '') => `timestamptz${digits}`);

describe('the stores of a system at work', function () {
  this.timeout(120_000);
  let api: TestApi;
  before(async () => {
    api = await startApi();
    const { appointment_id } = await api.make.appointment();
    await api.make.steps(appointment_id, 'checked_in', 'completed');
    await api.make.prescription();
    await inStep(api);
    const { mongodb, postgres } = api.system.parts.outboxes;
    await Promise.all([mongodb.drain(), postgres.drain()]);
  });
  after(() => api?.stop());

  const present = async (): Promise<string[]> => {
    const found = await api.system.around.stores.connection.db!.listCollections().toArray();
    return found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
  };

  it('QUAL-2: have no collection that no model declares, and each that has indexes', async () => {
    const found = await present();
    expect(found.filter((name) => !collections.includes(name))).deep.equal([]);
    const indexed = models.mongodb.filter(({ indexes }) => indexes.length > 0);
    expect(indexed.map(({ collection }) => collection).filter((name) => !found.includes(name))).deep.equal(
      [],
    );
  });

  it('QUAL-2: hold no field that no model declares', async () => {
    const undeclared: string[] = [];
    for (const { collection, fields } of models.mongodb)
      for (const document of await api.system.around.stores.connection
        .collection(collection)
        .find()
        .toArray())
        for (const field of Object.keys(document))
          // `holds` is a write lock (document-store.ts), `_id` is everywhere.
          if (!(field in fields) && !['holds', '_id'].includes(field))
            undeclared.push(`${collection}.${field}`);
    expect([...new Set(undeclared)]).deep.equal([]);
  });

  it('QUAL-2: have the tables, columns and keys that the models declare', async () => {
    const { knex } = api.system.around.stores;
    const { rows: columns } = await knex.raw<{ rows: Column[] }>(columnsSql);
    const { rows: keys } = await knex.raw<{ rows: { table: string; columns: string[] }[] }>(keysSql);
    const keyOf = new Map(keys.map((key) => [key.table, key.columns]));
    expect([...new Set(columns.map(({ table }) => table))].sort()).deep.equal([...tables].sort());
    for (const { table, columns: declared, primaryKey, references = {} } of models.postgres) {
      const own = columns.filter((column) => column.table === table);
      const types = Object.fromEntries(own.map(({ name, type }) => [name, short(type)]));
      expect(types, table).deep.equal(declared);
      const foreign = own.filter((column) => column.references !== null);
      expect(Object.fromEntries(foreign.map((one) => [one.name, one.references])), table).deep.equal(
        references,
      );
      expect(keyOf.get(table) ?? [], table).deep.equal(primaryKey);
    }
  });
});
