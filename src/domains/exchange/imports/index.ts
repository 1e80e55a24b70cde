import type { Connection } from 'mongoose';
import { createImportsRepository } from './imports.repository.js';
import { createImportsService, type ImportsDeps, type ImportsService } from './imports.service.js';

export { ImportFailure, importSources } from './imports.types.js';
export type {
  BulkPath,
  FileReport,
  ImportError,
  ImportProgress,
  ImportReport,
  ImportSource,
  ImportTargets,
} from './imports.types.js';
export { checkFiles } from './imports.service.js';
export type { ImportsService } from './imports.service.js';
export { createWriter } from './writer.js';

export function createImports(deps: Omit<ImportsDeps, 'imports'> & { connection: Connection }): {
  service: ImportsService;
} {
  return { service: createImportsService({ ...deps, imports: createImportsRepository(deps.connection) }) };
}
