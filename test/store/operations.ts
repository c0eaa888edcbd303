import type { Operation } from '../../src/model/operation.ts';
import type { FlatResource } from '../../src/model/resource.ts';
import type { FollowUp } from '../../src/model/requeue.ts';
import type { PlannedOperation, StoredOperation, WorkPage } from '../../src/store/store.ts';
import { operationResult, type SettledOutcome } from '../../src/sync/operation-result.ts';
import { brief, create, done, keep, planned, remember, target } from './builders.ts';
import { at, type State } from './state.ts';

export * from './builders.ts';

/** Opens a pass with these operations in its round 0. */
export async function begin(
  { store: { journal } }: State,
  operations: readonly (Operation | PlannedOperation)[],
  round = 0,
): Promise<number> {
  const { pass } = await journal.begin('sync', at(100));
  await add({ store: { journal } } as State, pass, operations, round);
  return pass;
}

export async function add(
  { store: { journal } }: State,
  pass: number,
  operations: readonly (Operation | PlannedOperation)[],
  round = 0,
): Promise<void> {
  await journal.add(
    pass,
    target,
    round,
    operations.map((one) => ('operation' in one ? one : planned(one))),
  );
}

export async function all({ store: { journal } }: State, pass: number, round = 0): Promise<readonly StoredOperation[]> {
  return journal.operations(pass, target, round, undefined, 1000);
}

export async function stored(one: State, pass: number, text: string, round = 0): Promise<StoredOperation> {
  const operation = (await all(one, pass, round)).find((candidate) => brief(candidate).startsWith(text));
  if (operation === undefined) throw new Error(`there is no operation "${text}"`);
  return operation;
}

/** Records an answer to one operation, as carrying out does. */
export async function answer(
  one: State,
  pass: number,
  text: string,
  given: Partial<SettledOutcome> & { readonly followUp: FollowUp },
  round = 0,
): Promise<void> {
  const operation = await stored(one, pass, text, round);
  const store = await one.store.target(target);
  const result = operationResult(operation, {
    known: store.known(operation.operation.resourceType, operation.operation.key),
    outcome: done,
    change: keep,
    requests: 1,
    retries: 0,
    at: at(200),
    ...given,
  });
  const serving = await one.store.serving(target);
  await serving.save(pass, { sent: [], sentAt: at(200), results: [result] });
}

/** Marks an operation as sent, as carrying out does. */
export async function markSent(one: State, pass: number, text: string, sentAt: number): Promise<void> {
  const { id } = await stored(one, pass, text);
  await (await one.store.serving(target)).save(pass, { sent: [id], sentAt: at(sentAt), results: [] });
}

/** What is known about these operations before they are sent. */
export async function workOf(
  { store }: State,
  pass: number,
  operations: readonly StoredOperation[],
): Promise<WorkPage> {
  return (await store.serving(target)).pageOf(pass, operations, { withNames: false, witnesses: 0 });
}

/** Work on operations that no journal has. */
export const work = (...operations: readonly Operation[]): readonly StoredOperation[] =>
  operations.map((operation, id) => ({ ...planned(operation), id, state: 'planned' }));

/** Accounts that the target acknowledged, each with its key as its name and `r-KEY` as its id. */
export async function acknowledged(
  one: State,
  keys: readonly string[],
  bodyOf: (key: string) => FlatResource = () => ({}),
): Promise<void> {
  const pass = await begin(
    one,
    keys.map((key) => create(key)),
  );
  for (const key of keys)
    await answer(one, pass, `create ${key}`, {
      change: remember(`r-${key}`, { userName: key, ...bodyOf(key) }),
      followUp: 'none',
    });
  await one.store.journal.end(pass, at(150), 'done', undefined);
}

/** What must be looked at again: `User ada`, `User ada thisPass`, `User ada verifyFirst`, `eng>ada`. */
export function requeued({ ask }: State): unknown[] {
  return [
    ...ask(`
      select resource_type || ' ' || key || iif(this_pass = 1, ' thisPass', '') || iif(verify_first = 1,
        ' verifyFirst', '')
      from requeue
      order by resource_type desc, key`),
    ...ask(`
      select group_key || '>' || member_key || iif(this_pass = 1, ' thisPass', '') || iif(in_doubt = 1, ' inDoubt',
        '')
      from requeue_membership
      order by group_key, member_key`),
  ];
}
