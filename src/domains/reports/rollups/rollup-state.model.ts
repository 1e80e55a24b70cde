import { BSON } from 'mongodb';
import { defineCollection } from '../../../databases/mongo/mongo-model.js';
import type { ProjectionState } from '../../../databases/projector/projector.types.js';

/* How far the rollups have come, as it is stored beside them. */

/** Moments in decimal: a number of JavaScript does not hold one. */
type Stored<T> = T extends bigint
  ? string
  : T extends readonly (infer I)[]
    ? Stored<I>[]
    : T extends object
      ? { [K in keyof T]: K extends 'token' ? T[K] : Stored<T[K]> }
      : T;

/** `token` as the change stream gave it. */
type StateDocument = Stored<ProjectionState> & { readonly _id: string };

export const rollupState = defineCollection<StateDocument>({
  collection: 'rollup_state',
  fields: {
    _id: 'string',
    definition: 'string',
    status: 'string',
    token: 'object',
    position: 'string',
    version: 'number',
    fence: 'number',
    build: 'object',
    set_aside: 'object[]',
  },
  indexes: [],
});

export function toDocument(_id: string, { position, build, ...rest }: ProjectionState): StateDocument {
  const chunks = build?.chunks.map(({ at, ...chunk }) => ({ ...chunk, at: at.toString() }));
  return { _id, ...rest, position: position.toString(), build: build && { ...build, chunks: chunks! } };
}

export function toState({ _id, position, build, ...rest }: StateDocument): ProjectionState {
  const chunks = build?.chunks.map(({ at, ...chunk }) => ({ ...chunk, at: BigInt(at) }));
  return {
    ...rest,
    position: BigInt(position),
    build: build && { ...build, chunks: chunks! },
  };
}

/** Whether both have taken in the same, under the same fence. */
export function isSame(a: StateDocument, b: StateDocument): boolean {
  const text = ({ fence, definition, status, version, position, token, build }: StateDocument): string =>
    BSON.EJSON.stringify([fence, definition, status, version, position, token, build]);
  return text(a) === text(b);
}
