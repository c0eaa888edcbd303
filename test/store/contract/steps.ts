import type { Operation } from '../../../src/model/operation.ts';
import type { SnapshotChange } from '../../../src/model/outcome.ts';
import type { Requeue } from '../../../src/model/requeue.ts';
import type { ReadOnlyStore } from '../../../src/store/read-only-store.ts';
import type {
  OperationResult,
  OperationState,
  PlannedOperation,
  PlanningScope,
  PlanningTarget,
  PlanningTransaction,
  ResultPage,
  Store,
  StoredOperation,
  WorkPage,
} from '../../../src/store/store.ts';
import { brief, create, done, everything, keep, planned, remember, target } from '../builders.ts';
import { at, stageAndCommit, type Read, type ReadOptions, type Tables } from '../readings.ts';

/** An implementation of the store, opened for one test. */
export interface OpenedStore {
  readonly store: Store;
  /**
   * The state as the next process opens it, after this one died without closing it. Undefined: the state does not
   * outlast its process.
   */
  readonly afterDeath?: () => Store | Promise<Store>;
  /** The state as `status`, `history` and `explain` read it. Undefined: only its process reads it. */
  readonly view?: () => ReadOnlyStore | Promise<ReadOnlyStore>;
}

/** Opens an empty state that ends with the test. */
export type OpenStore = () => OpenedStore | Promise<OpenedStore>;

/** Reads a source, in one transaction. */
export const readSource = (store: Store, tables: Tables, options?: ReadOptions): Promise<Read> =>
  store.reading((tx) => stageAndCommit(tx, tables, options ?? {}));

export const beginPass = async (store: Store, time = 100): Promise<number> =>
  (await store.reading(({ journal }) => journal.begin('sync', at(time)))).pass;

type Planned = Operation | PlannedOperation;

const withPlace = (one: Planned): PlannedOperation => ('operation' in one ? one : planned(one));

/** Adds a round to a pass, as a planning does. */
export const addRound = (store: Store, pass: number, operations: readonly Planned[], round = 0): Promise<void> =>
  store.planning(async ({ journal }) => {
    await journal.add(pass, target, round, operations.map(withPlace));
    await journal.requeueRound(pass, target, round, everything);
  });

/** Opens a pass with these operations in round 0. */
export async function planPass(store: Store, operations: readonly Planned[], time = 100): Promise<number> {
  const pass = await beginPass(store, time);
  await addRound(store, pass, operations);
  return pass;
}

export const operationsOf = (store: Store, pass: number, round = 0): Promise<readonly StoredOperation[]> =>
  store.journal.operations(pass, target, round, undefined, 1000);

/** `create ada`, `update bob done`. */
export const shown = async (store: Store, pass: number, round = 0): Promise<readonly string[]> =>
  (await operationsOf(store, pass, round)).map(brief);

/** The operation of a pass that `brief` shows with this text, or begins with it. */
export async function operation(store: Store, pass: number, text: string, round = 0): Promise<StoredOperation> {
  const found = (await operationsOf(store, pass, round)).find((one) => brief(one).startsWith(text));
  if (found === undefined) throw new Error(`there is no operation "${text}"`);
  return found;
}

export const send = async (store: Store, pass: number, text: string, round = 0): Promise<void> =>
  save(store, pass, { sent: [(await operation(store, pass, text, round)).id] });

/** Saves marks and results, as sending does. @throws if another record owns an account that a result names */
async function save(store: Store, pass: number, page: Partial<ResultPage>): Promise<void> {
  const serving = await store.serving(target);
  const foreign = await serving.save(pass, { sent: [], sentAt: at(110), results: [], ...page });
  if (foreign.length > 0) throw new Error('another record owns the account');
}

/** What is known of these operations before they are sent. */
export const workOf = async (store: Store, pass: number, operations: readonly StoredOperation[]): Promise<WorkPage> =>
  (await store.serving(target)).pageOf(pass, operations, { withNames: false, witnesses: 1 });

/** Operations that no journal has, to ask what is known of them. */
export const unplanned = (...operations: readonly Operation[]): readonly StoredOperation[] =>
  operations.map((one, id) => ({ ...planned(one), id, state: 'planned' }));

export const settled: readonly Requeue[] = [{ kind: 'recordSettled' }];
export const nextPass: readonly Requeue[] = [{ kind: 'record', at: 'nextPass', verifyFirst: 'unchanged' }];
export const thisPass: readonly Requeue[] = [{ kind: 'record', at: 'thisPass', verifyFirst: 'unchanged' }];
export const verifyFirst: readonly Requeue[] = [{ kind: 'record', at: 'nextPass', verifyFirst: true }];

/** Records a response; by default a success that changes nothing in the snapshot. */
export async function answer(
  store: Store,
  pass: number,
  text: string,
  result: Partial<OperationResult> = {},
  round = 0,
): Promise<void> {
  const stored = await operation(store, pass, text, round);
  const { operation: own } = stored;
  const ofMembers: readonly Requeue[] =
    own.action === 'members' ? [{ kind: 'membershipsSettled', members: [...own.add, ...own.remove] }] : settled;
  const full: OperationResult = {
    ...{ state: 'done', outcome: done, change: keep, requeues: ofMembers, requests: 1, retries: 0, at: at(200) },
    stored,
    ...result,
  };
  await save(store, pass, { results: [full] });
}

export const rejected = (detail = 'no', state: OperationState = 'failed'): Partial<OperationResult> => ({
  ...{ state, outcome: { kind: 'rejected', status: 400, detail }, requeues: nextPass },
});

export const end = (store: Store, pass: number, time = 300): Promise<void> =>
  store.journal.end(pass, at(time), 'done', undefined);

/** Accounts that the target acknowledged, each with its key as its userName and `r-KEY` as its id. */
export async function acknowledge(store: Store, keys: readonly string[]): Promise<void> {
  const pass = await planPass(
    store,
    keys.map((key) => create(key)),
  );
  for (const key of keys)
    await answer(store, pass, `create ${key}`, { change: remember(`r-${key}`, { userName: key }) });
  await end(store, pass, 250);
}

/** Applies a change to the snapshot of a user or group, by the response to an operation. */
export async function settle(store: Store, one: Operation, change: SnapshotChange, time = 200): Promise<void> {
  const pass = await planPass(store, [one]);
  await answer(store, pass, brief({ ...planned(one), id: 0, state: 'planned' }), { change, at: at(time) });
  await end(store, pass, time);
}

export const changedSince = (after: number): PlanningScope => ({ kind: 'changed', after, deletions: undefined });

/** Runs a planning of the target. */
export const inPlanning = <T>(
  store: Store,
  work: (app: PlanningTarget, tx: PlanningTransaction) => Promise<T>,
): Promise<T> => store.planning(async (tx) => work(await tx.target(target), tx));

/** The selected candidates: `User ada known requeued`. */
export async function candidatesIn(app: PlanningTarget, pageSize = 2): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const { page, next }: Awaited<ReturnType<PlanningTarget['candidates']>> = await app.candidates(after, pageSize);
    for (const { resourceType, key, record, known, isCreateInDoubt, isRequeued } of page)
      lines.push(
        `${resourceType} ${key}${record === undefined ? ' gone' : ''}${known === undefined ? '' : ' known'}` +
          (isCreateInDoubt ? ' verifyFirst' : isRequeued ? ' requeued' : ''),
      );
    after = next;
  }
  return lines.sort();
}

/** The candidates of a scope. */
export const candidatesOf = (store: Store, scope: PlanningScope, pageSize = 2): Promise<readonly string[]> =>
  inPlanning(store, async (app) => {
    await app.selectCandidates(scope);
    return candidatesIn(app, pageSize);
  });

/** The memberships of a scope: `eng>ada desired known inDoubt`. */
export const membershipsOf = (store: Store, scope: PlanningScope, pageSize = 2): Promise<readonly string[]> =>
  inPlanning(store, async (app) => {
    await app.selectCandidates(scope);
    await app.selectMemberships(scope, []);
    const lines: string[] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const { page, next }: Awaited<ReturnType<PlanningTarget['memberships']>> = await app.memberships(after, pageSize);
      for (const { group, member, isDesired, isKnown, isInDoubt } of page)
        lines.push(
          `${group}>${member}${isDesired ? ' desired' : ''}${isKnown ? ' known' : ''}${isInDoubt ? ' inDoubt' : ''}`,
        );
      after = next;
    }
    return lines.sort();
  });

/** The scope of the follow-ups of a pass. */
export const followUpsOf = (pass: number): PlanningScope => ({ kind: 'followUp', pass });
