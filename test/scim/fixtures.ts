import { instant, remoteId, sourceKey, type RemoteId, type SourceKey } from '../../src/model/ids.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import type { EditOperation, Member, MembersOperation, Operation } from '../../src/model/operation.ts';
import type { Profile } from '../../src/model/profile.ts';
import type { FlatResource } from '../../src/model/resource.ts';
import type { Clock } from '../../src/model/clock.ts';
import { managerPath } from '../../src/model/path.ts';
import { recordKey, type RecordKey } from '../../src/model/record-key.ts';
import type { MemberRef } from '../../src/scim/encode/references.ts';
import { createTarget, type PreparedOperation, type Target } from '../../src/scim/target.ts';
import type { SampleLimits } from '../../src/scim/write-samples.ts';
import { profileWith, type ProfileOverrides } from '../world/profile.ts';

/** A clock whose waits end at once; `waits` contains their durations in ms. */
export interface HurriedClock extends Clock {
  readonly waits: number[];
}

export function hurriedClock(): HurriedClock {
  let now = 1_800_000_000_000;
  const waits: number[] = [];
  return {
    waits,
    now: () => instant(now),
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      waits.push(milliseconds);
      now += milliseconds;
      await new Promise((done) => setImmediate(done));
      signal?.throwIfAborted();
    },
  };
}

/** The generic profile with a high request rate. */
export const profile = (changes: ProfileOverrides = {}): Profile =>
  profileWith({ ...changes, limits: { requestsPerSecond: 1000, concurrency: 4, pageSize: 3, ...changes.limits } });

export const secret = (text: string) => ({ reveal: () => text });
export const never = new AbortController().signal;

/** A target at this URL whose waits take no time. */
export function target(
  url: string,
  changes: ProfileOverrides = {},
  clock: Clock = hurriedClock(),
  samples: SampleLimits = { firstWrites: 0, writesShare: 0 },
): Target & Disposable {
  const made = createTarget(
    {
      name: 'app',
      url,
      profile: profile(changes),
      auth: { type: 'bearer', token: secret('t0p-secret') },
      timeoutMs: 2000,
      samples,
      version: '1.2.3',
    },
    { clock, random: () => 0.5 },
  );
  // A spread would copy the current value of the getter `unavailableReason`.
  return Object.assign(Object.create(made) as Target, { [Symbol.dispose]: () => made.close() });
}

const on = (resourceType: ResourceType, key: string) => ({
  resourceType,
  key: sourceKey(key),
  name: key,
  reason: 'test',
});

export const create = (
  key: string,
  body: FlatResource = { userName: key, externalId: key, active: true },
): Extract<Operation, { action: 'create' }> => ({ ...on('User', key), action: 'create', body });
export const remove = (key: string, resourceType: ResourceType = 'User'): Extract<Operation, { action: 'delete' }> => ({
  ...on(resourceType, key),
  action: 'delete',
});
export const person = (key: string): Member => ({ resourceType: 'User', key: sourceKey(key) });
export const members = (add: readonly string[], removed: readonly string[] = []): MembersOperation => ({
  ...on('Group', 'eng'),
  action: 'members',
  add: add.map(person),
  remove: removed.map(person),
});

/** Rows of path, before, after; `body` contains the unchanged attributes. */
export function update(
  key: string,
  edits: readonly (readonly [string, any, any])[],
  body: FlatResource = {},
  resourceType: ResourceType = 'User',
): EditOperation {
  const after = Object.fromEntries(edits.filter(([, , to]) => to !== null).map(([path, , to]) => [path, to]));
  return {
    ...on(resourceType, key),
    action: 'update',
    edits: edits.map(([path, from, to]) => ({ path, from, to })),
    body: { ...body, ...after },
  };
}

export const idOf = (key: string): RemoteId => remoteId(`id-${key}`);

/** Members with their ids. */
export const memberRefs = (...keys: readonly string[]): readonly MemberRef[] =>
  keys.map((key) => ({ member: person(key), id: idOf(key) }));

/** Records with a key in capitals have no account; the id of any other record is "id-" and its key. */
export const resolve = (_resourceType: ResourceType, key: SourceKey): RemoteId | undefined =>
  key === key.toUpperCase() ? undefined : idOf(key);

/** Ids of the records that an operation refers to. */
export function idsFor(operation: Operation, idOfRecord = resolve): ReadonlyMap<RecordKey, RemoteId> {
  const manager = 'body' in operation ? operation.body[managerPath] : undefined;
  const references = [
    ...(operation.action === 'members' ? [...operation.add, ...operation.remove] : []),
    ...(typeof manager === 'string' ? [person(manager)] : []),
  ];
  return new Map(
    references.flatMap((record): [RecordKey, RemoteId][] => {
      const id = idOfRecord(record.resourceType, record.key);
      return id === undefined ? [] : [[recordKey(record), id]];
    }),
  );
}

export function operationContext(operation: Operation, changes: Partial<PreparedOperation> = {}): PreparedOperation {
  return {
    operation,
    ids: idsFor(operation),
    isInDoubt: false,
    paths: ['userName', 'externalId'],
    ...(operation.action === 'create' ? {} : { remoteId: idOf(operation.key) }),
    ...changes,
  };
}
