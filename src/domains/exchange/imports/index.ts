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

export function createImports(deps: ImportsDeps): { service: ImportsService } {
  return { service: createImportsService(deps) };
}
