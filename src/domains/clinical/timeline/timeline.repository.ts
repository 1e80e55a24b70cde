import type { Document } from 'mongodb';
import type { Connection } from 'mongoose';
import { isPassingMongoFailure } from '../../../databases/failures.js';
import { queryLimitMs } from '../../../databases/mongo/mongo.js';
import { retry } from '../../../databases/retry.js';
import {
  eventTypes,
  moneyTypes,
  type EventQuery,
  type EventType,
  type TimelineEvent,
} from './timeline.types.js';

const idText = (kind: unknown, nth: unknown = ''): Document => ({
  $concat: [kind, ' ', '$_id', { $cond: [{ $eq: [nth, ''] }, '', { $concat: [' ', { $toString: nth }] }] }],
});

const nothing = {
  appointment_id: null,
  doctor_id: null,
  hospital_id: null,
  date: null,
  drug: null,
  amount: null,
};

/** Each with an index, so that two steps of one kind are two events. */
const each = (list: string, event: Document): Document => ({
  $map: {
    input: { $range: [0, { $size: { $ifNull: [list, []] } }] },
    as: 'nth',
    in: { $let: { vars: { one: { $arrayElemAt: [list, '$$nth'] } }, in: event } },
  },
});

/** The events in one record of each collection. A visit is booked before all its other steps. */
const sources: Readonly<
  Partial<Record<EventType, { readonly collection: string; readonly events: Document }>>
> = {
  appointments: {
    collection: 'appointments',
    events: {
      $concatArrays: [
        [
          {
            ...{ at: '$created_at', kind: 'appointment.booked', event_id: idText('appointment.booked') },
            // The time that it was booked for, before it was moved.
            date: { $ifNull: [{ $first: '$reschedules.from' }, '$date'] },
          },
        ],
        each('$reschedules', {
          ...{ at: '$$one.at', kind: 'appointment.rescheduled', date: '$$one.to' },
          event_id: idText('appointment.rescheduled', '$$nth'),
        }),
        {
          $filter: {
            input: each('$history', {
              ...{ at: '$$one.at', kind: { $concat: ['appointment.', '$$one.status'] }, date: '$date' },
              event_id: idText({ $concat: ['appointment.', '$$one.status'] }, '$$nth'),
            }),
            as: 'step',
            cond: { $ne: ['$$step.kind', 'appointment.scheduled'] },
          },
        },
      ],
    },
  },
  prescriptions: {
    collection: 'prescriptions',
    events: [
      {
        ...{ at: '$created_at', kind: 'prescription.written', event_id: idText('prescription.written') },
        ...{ drug: '$drug', amount: { $toString: '$cost' } },
      },
    ],
  },
  emergency_accesses: {
    collection: 'emergency_accesses',
    events: [
      { at: '$opened_at', kind: 'emergency_access.opened', event_id: idText('emergency_access.opened') },
    ],
  },
};

/** The events of one collection, each whole. */
function eventsOf(type: EventType, patient_id: string): Document[] {
  const shared = {
    record_id: '$_id',
    appointment_id: type === 'appointments' ? '$_id' : { $ifNull: ['$appointment_id', null] },
    doctor_id: { $ifNull: ['$doctor_id', null] },
    hospital_id: { $ifNull: ['$hospital_id', null] },
  };
  return [
    { $match: { patient_id } },
    { $project: { shared, events: sources[type]!.events } },
    { $unwind: '$events' },
    { $replaceWith: { $mergeObjects: [{ $literal: nothing }, '$shared', '$events'] } },
  ];
}

/** In the period, and before the end of the page before. */
function within({ since, until, before }: EventQuery): Document {
  const period = { ...(since ? { $gte: since } : {}), ...(until ? { $lt: until } : {}) };
  const conditions: Document[] = [];
  if (since || until) conditions.push({ at: period });
  if (before) {
    const { at, event_id } = before;
    conditions.push({ $or: [{ at: { $lt: at } }, { at, event_id: { $lt: event_id } }] });
  }
  return conditions.length > 0 ? { $and: conditions } : {};
}

/** PAT-3: what the documents know of a patient, in the order of time: one question to MongoDB, for its part of a page. */
export function createTimelineRepository(connection: Connection) {
  return {
    async list(query: EventQuery): Promise<TimelineEvent[]> {
      const types = eventTypes.filter((type) => query.types.includes(type) && !moneyTypes.includes(type));
      const [first, ...others] = types;
      if (first === undefined) return [];
      const pipeline = [
        ...eventsOf(first, query.patient_id),
        ...others.map((type) => ({
          $unionWith: { coll: sources[type]!.collection, pipeline: eventsOf(type, query.patient_id) },
        })),
        { $match: within(query) },
        { $sort: { at: -1, event_id: -1 } },
        { $limit: query.limit },
      ];
      return retry(
        () =>
          connection
            .collection(sources[first]!.collection)
            .aggregate<TimelineEvent>(pipeline, { maxTimeMS: queryLimitMs })
            .toArray(),
        isPassingMongoFailure,
      );
    },
  };
}

export type TimelineRepository = ReturnType<typeof createTimelineRepository>;
