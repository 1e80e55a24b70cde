import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import type { Actor } from '../../src/lib/actor.js';
import { publicDoor } from '../../src/lib/door.js';

/* Requests reach records that are somebody's by the public doors only: `forActors`, whose members take who asks first. */

/** What anybody may read has no door of its own: hospitals, departments and doctors. */
const ofEverybody = new Set(['HospitalsService', 'DepartmentsService', 'DoctorsService']);

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

/** `ReportsService['forActors']` */
const isDoor = ({ parent }: ts.Node): boolean =>
  ts.isIndexedAccessTypeNode(parent) &&
  ts.isLiteralTypeNode(parent.indexType) &&
  ts.isStringLiteral(parent.indexType.literal) &&
  parent.indexType.literal.text === 'forActors';

/** Where a text gets at more of a service than its door: what it names, and the line. */
function windowsOf(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const say = (node: ts.Node): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${file}:${line + 1} ${node.getText()}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node)) {
      const name = node.typeName.getText();
      if (name === 'Parts' || (/Service$/.test(name) && !ofEverybody.has(name) && !isDoor(node))) say(node);
    }
    // Under another name, or by what its factory returns, a service would be hidden from the lines above.
    if (ts.isImportSpecifier(node) && /Service$|^Parts$/.test(node.propertyName?.text ?? '')) say(node);
    if (ts.isImportSpecifier(node) && /^create\w*Service$/.test(node.name.text)) say(node);
    if (ts.isImportTypeNode(node)) say(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('the doors of the domains', () => {
  it('QUAL-2: routes and pages get at records that are somebody’s by the public doors only', () => {
    const files = [
      ...filesIn('src/domains').filter((file) => file.endsWith('.routes.ts')),
      ...filesIn('src/web'),
    ];
    expect(files.filter((file) => file.startsWith('src/domains')).length).to.be.greaterThan(10);
    expect(files.flatMap((file) => windowsOf(file, readFileSync(file, 'utf8')))).to.deep.equal([]);
  });

  it('QUAL-2: a service taken whole, in part, under another name or from its factory is no door', () => {
    const lines = [
      `const routes = (patients: PatientsService): void => patients;`,
      `type Some = Pick<PatientsService, 'find'>;`,
      `type One = PatientsService['find'];`,
      `import type { PatientsService as Door } from './patients.service.js';`,
      `import type { createPatientsService } from './patients.service.js';`,
      `type Whole = import('./patients.service.js').PatientsService;`,
      `type All = Parts['patients'];`,
    ];
    for (const line of lines) expect(windowsOf('x.routes.ts', line), line).to.have.length(1);
    const doors = `type Door = Pick<PatientsService['forActors'], 'get'>; type Open = DoctorsService;`;
    expect(windowsOf('x.routes.ts', doors)).to.deep.equal([]);
  });

  it('QUAL-2: a member that does not take who asks first does not compile', () => {
    const door = publicDoor({
      mine: ({ user_id }: Actor) => user_id,
      free: (_actor: Actor | null, doctor_id: string) => doctor_id,
    });
    expect(door.free(null, 'D1')).to.equal('D1');
    // @ts-expect-error: it takes nobody.
    publicDoor({ all: () => [] });
    // @ts-expect-error: it takes an id.
    publicDoor({ find: (patient_id: string) => patient_id });
    // @ts-expect-error: it takes who asks last.
    publicDoor({ find: (patient_id: string, _actor: Actor) => patient_id });
    // @ts-expect-error: it takes anything.
    publicDoor({ find: (patient_id: unknown) => patient_id });
    // @ts-expect-error: it is told who asks only if somebody thinks of it.
    publicDoor({ find: (actor?: Actor) => actor });
    // @ts-expect-error: it asks nobody who looks.
    publicDoor({ records: ['P1'] });
  });
});
