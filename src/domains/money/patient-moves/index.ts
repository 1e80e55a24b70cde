import type { Knex } from '../../../databases/postgres/postgres.js';
import { createPatientMovesRepository } from './patient-moves.repository.js';
import {
  createPatientMovesService,
  type PatientMovesDeps,
  type PatientMovesService,
} from './patient-moves.service.js';

export type { BookedMerge, PatientMovesService } from './patient-moves.service.js';

export function createPatientMoves(deps: Omit<PatientMovesDeps, 'moves'> & { knex: Knex }): {
  service: PatientMovesService;
} {
  return {
    service: createPatientMovesService({ ...deps, moves: createPatientMovesRepository(deps.knex) }),
  };
}
