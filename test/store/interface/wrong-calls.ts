import { instant, remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { KnownState } from '../../../src/model/resource.ts';
import type { ReadOnlyStore } from '../../../src/store/read-only-store.ts';
import type { PlannedOperation, ReadingTransaction, StagingOptions, Store } from '../../../src/store/store.ts';
import { planTarget, type PlanInput } from '../../../src/sync/plan-target.ts';
import { openPass } from '../../../src/sync/open-pass.ts';
import type { PassInputs, PassOptions } from '../../../src/sync/context.ts';

/**
 * Calls in the wrong place. Nothing runs them: `tsc` reports each line below that compiles, because its
 * `@ts-expect-error` is then unused.
 */
declare const operation: PlannedOperation;
declare const known: KnownState;
declare const staging: StagingOptions;
declare const planInput: PlanInput;
declare const passOptions: PassOptions;
declare const inputs: PassInputs;
const now = instant(0);
const ada = sourceKey('ada');

/** Planning does not send. */
export const planningDoesNotSend = (store: Store): Promise<void> =>
  store.planning(async (tx) => {
    const { journal } = tx;
    const app = await tx.target('app');
    // @ts-expect-error pages of work, marks and results belong to sending
    await tx.serving('app');
    // @ts-expect-error what was not sent is known at the end of a pass
    await journal.skipRemaining(1, 'app', '');
    // @ts-expect-error a pass ends after its planning
    await journal.end(1, now, 'done', undefined);
    // @ts-expect-error read-backs
    await app.applyReadBack(known, { kind: 'keep' }, [], now);
    // @ts-expect-error read-backs
    await app.inDoubt(1);
    // @ts-expect-error read-backs
    await app.verifications.countDue(1, now);
    // @ts-expect-error what the target showed
    await app.listingCache.clear('User');
    // @ts-expect-error what the target showed
    await app.saveLearned(await app.learned());
    // @ts-expect-error what the target showed
    await app.orphans.beginListing();
    // @ts-expect-error no request is counted
    app.requestCounts.since('minute', now);
  });

/** Planning reads the mirror, and does not write it. */
export const planningDoesNotRead = (store: Store): Promise<void> =>
  store.planning(async ({ mirror, journal, targets, keyChanges, ...tx }) => {
    // @ts-expect-error staging belongs to the reading
    await mirror.openStaging(staging);
    // @ts-expect-error the reading opens the pass
    await journal.begin('sync', now);
    // @ts-expect-error the reading records its number
    await journal.setReading(1, 1);
    // @ts-expect-error joined sources are read before
    tx.joinedSources.open('hr');
    // @ts-expect-error addresses are recorded before
    await targets.saveUrl('app', 'https://a.example');
    // @ts-expect-error keys move in a reading
    await keyChanges.moveKeys('User', [], now);
  });

/** Sending does not plan. */
export const sendingDoesNotPlan = async (store: Store): Promise<void> => {
  const { journal } = store;
  const app = await store.target('app');
  // @ts-expect-error operations are planned
  await journal.add(1, 'app', 0, [operation]);
  // @ts-expect-error notes are planned
  await journal.note(1, 'app', []);
  // @ts-expect-error the guard judges a plan
  await journal.hold([1]);
  // @ts-expect-error the guard judges a plan
  await journal.release(1, 'app', 0, 1);
  // @ts-expect-error news is planned
  await journal.supersede(1, 'app', 0);
  // @ts-expect-error a plan requeues what it contains
  await journal.requeueRound(1, 'app', 0, { kind: 'full', deletions: undefined });
  // @ts-expect-error a plan uses approvals
  await journal.settleApproval(1, 1, 'used');
  // @ts-expect-error candidates are chosen by a planning
  await app.selectCandidates({ kind: 'full', deletions: undefined });
  // @ts-expect-error candidates are read by a planning
  await app.candidates(0, 1);
  // @ts-expect-error the end of a planning
  await app.markPlanned(1, '');
  // @ts-expect-error a planning waits for managers
  await app.setPendingManager(ada, undefined);
  // @ts-expect-error a planning assigns values
  app.uniqueValues.assign({ resourceType: 'User', key: ada }, { path: 'userName', value: 'ada' });
  // @ts-expect-error planning needs a transaction
  await planTarget({ ...inputs, store }, planInput);
  // @ts-expect-error the mirror is written by a reading
  await store.mirror.openStaging(staging);
  // @ts-expect-error an operator decides
  await store.suspensions.pause({ target: 'app', begun: { at: now, operator: '', host: '' }, reason: undefined });
  // @ts-expect-error an operator decides
  await store.targets.forget('app', instant(1));
};

/** The reading of a source plans nothing and sends nothing. */
export const readingOnlyReads = (store: Store): Promise<void> =>
  store.reading(async (tx) => {
    const app = await tx.target('app');
    // @ts-expect-error operations are planned
    await tx.journal.add(1, 'app', 0, [operation]);
    // @ts-expect-error pages of work, marks and results belong to sending
    await tx.serving('app');
    // @ts-expect-error candidates are chosen by a planning
    await app.selectCandidates({ kind: 'full', deletions: undefined });
    // @ts-expect-error the snapshot changes by responses
    await app.applyReadBack(known, { kind: 'keep' }, [], now);
    // @ts-expect-error an operator decides
    await tx.keyChanges.relink([], now);
    // @ts-expect-error an operator decides
    await tx.suspensions.resume('app', { at: now, operator: '', host: '' });
    // @ts-expect-error planning has a transaction of its own
    await planTarget({ ...inputs, store: tx }, planInput);
  });

/** A pass reads its sources outside of transactions, or in that of a plan that is carried out only as it was shown. */
export const passNeedsReading = async (store: Store, signal: AbortSignal): Promise<void> => {
  // @ts-expect-error a planning reads no source
  await store.planning((tx) => openPass({ ...inputs, store: tx }, passOptions, signal));
  // @ts-expect-error a command reads no source
  await store.command((tx) => openPass({ ...inputs, store: tx }, passOptions, signal));
};

/** A command records a decision, and neither plans nor sends. */
export const commandOnlyDecides = (store: Store): Promise<void> =>
  store.command(async (tx) => {
    const app = await tx.target('app');
    // @ts-expect-error operations are planned
    await tx.journal.add(1, 'app', 0, [operation]);
    // @ts-expect-error pages of work, marks and results belong to sending
    await tx.serving('app');
    // @ts-expect-error staging belongs to the reading
    await tx.mirror.openStaging(staging);
    // @ts-expect-error candidates are chosen by a planning
    await app.selectCandidates({ kind: 'full', deletions: undefined });
    // @ts-expect-error the list of a target belongs to sending
    app.listingCache.has('User', remoteId('1'));
  });

/** No transaction is opened inside of another one. */
export const transactionsDoNotNest = (store: Store): Promise<void> =>
  store.reading(async (tx: ReadingTransaction) => {
    // @ts-expect-error transactions do not nest
    await tx.planning(async () => undefined);
  });

/** Questions are all that a state for reading has. */
export const questionsDoNotWrite = async (view: ReadOnlyStore): Promise<void> => {
  // @ts-expect-error it reads
  await view.mirror.openStaging(staging);
  // @ts-expect-error it reads
  await view.keyChanges.relink([], now);
  // @ts-expect-error it reads
  await view.joinedSource('hr')?.mirror.report([]);
  // @ts-expect-error it has no transactions
  await view.planning(async () => undefined);
  // @ts-expect-error it reads
  view.uniqueValues('app')?.assign({ resourceType: 'User', key: ada }, { path: 'userName', value: 'ada' });
};
