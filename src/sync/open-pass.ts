import { InvariantError } from '../model/errors.ts';
import type { Instant } from '../model/ids.ts';
import type { Judgement } from '../model/reading/judgement.ts';
import { maxNamedRejections } from '../model/reading/rejected-row.ts';
import type { Freeze, KeyChanges, ReadingTransaction, RecordRef, RejectionReport } from '../store/store.ts';
import type { PassInputs, PassOptions, ReadingDeps, TargetSpec } from './context.ts';
import { passApprovals, type PassApprovals } from './guard/pass-approvals.ts';
import type { JoinedSourceReport } from './joins/joined-source-report.ts';
import { commitReadings, holdEvents } from './reading/commit-readings.ts';
import {
  stageSources,
  type PreparedTarget,
  type PreparedTargets,
  type StagedSources,
} from './reading/stage-sources.ts';
import { requireSubject, type SubjectQuery } from './subjects/find-subjects.ts';
import { subjectDataOf } from './subjects/subject-data.ts';
import { pausedTargets, splitPaused, type PausedTarget } from './suspensions/paused-targets.ts';
import { recordTargets, targetMismatch } from './target-identity.ts';

/** A pass whose reading is in the mirror, and whose targets are not planned. */
export interface OpenedPass {
  readonly pass: number;
  /** The reading that the mirror holds. */
  readonly reading: number;
  readonly prepared: PreparedTargets;
  /** The targets of the pass that no operator set aside. */
  readonly targets: readonly PreparedTarget[];
  /** What the command line approves, as far as the plans have not spent it. */
  readonly approvals: PassApprovals;
  /** The only records of this pass; undefined: all. */
  readonly subjects: readonly RecordRef[] | undefined;
  /** Source rows that could not be read. */
  readonly rejected: number;
  /** The first of these rows, and which absent users and groups they keep. */
  readonly rejections: RejectionReport;
  /** How the reading differs from the last one, where it was accepted. */
  readonly judgements: readonly Judgement[];
  /** Users whose key seems to have changed; nothing is created or removed for them. */
  readonly keyChanges: KeyChanges;
  /** The targets of this pass that an operator set aside: they are not planned. */
  readonly paused: readonly PausedTarget[];
  /** The users for whom nothing is changed. */
  readonly freezes: readonly Freeze[];
  /** What the pass found out about joined sources; empty if it did not read them. */
  readonly joinedSources: readonly JoinedSourceReport[];
  /** The source returned no users, so no plan can be carried out. */
  readonly isEmpty: boolean;
}

/**
 * Reads the source, and then opens a pass in the journal and commits the readings in one short transaction. An error,
 * and the death of the process, leave the state as it was.
 *
 * @throws IncompleteReading, OperatorError
 */
export async function openPass(deps: ReadingDeps, options: PassOptions, stop: AbortSignal): Promise<OpenedPass> {
  const startedAt = deps.clock.now();
  await requireKnownTargets(deps, options);
  const events = holdEvents(deps.emit);
  const reading: ReadingDeps = { ...deps, emit: events.emit };
  const staged = await stageSources(reading, options, stop);
  try {
    return await commitReadings(deps.store, events, (tx) =>
      commitPass({ ...reading, store: tx }, options, staged, startedAt),
    );
  } finally {
    await staged.close();
  }
}

/** What opening a pass needs. */
type PassDeps = PassInputs & { readonly store: ReadingTransaction };

async function commitPass(
  deps: PassDeps,
  options: PassOptions,
  sources: StagedSources,
  startedAt: Instant,
): Promise<OpenedPass> {
  const { store, clock, emit } = deps;
  const selected = selectTargets(deps.targets, options.only);
  const { active: specs, pauses } = options.includesPaused === true ? all(selected) : splitPaused(store, selected);
  const { pass, interrupted } = await store.journal.begin(options.command, startedAt, options.operator);
  const approvals = passApprovals(options.approval, await recordApproval(deps, options, pass));
  await recordTargets(store, specs, deps.targets);
  // The rollback of another target's plan must not take back what opening the state of a target writes.
  for (const { name } of specs) await store.target(name);
  await store.suspensions.endFreezes(options.at ?? clock.now());
  if (interrupted > 0) emit({ type: 'interruptedPasses', passes: interrupted });
  const { reading, joinedSources } = await sources.commit(store);
  const { prepared } = sources;
  const opened = {
    pass,
    keyChanges: store.keyChanges.pending(),
    paused: await pausedTargets(deps, pauses),
    freezes: store.suspensions.freezes(),
    ...{ prepared, approvals },
    targets: specs.map(({ name }) => preparedTarget(prepared, name)),
  };
  if (reading.kind === 'empty')
    return {
      ...opened,
      ...{ reading: 0, rejected: 0, rejections: noRejections, judgements: [], joinedSources: [] },
      ...{ isEmpty: true, subjects: undefined },
    };
  // Users whose joined records changed have a reading of their own.
  const number = (await store.mirror.last())?.number ?? reading.number;
  await store.journal.setReading(pass, number);
  const subjects = options.subject === undefined ? undefined : [await subjectOf(deps, selected, options.subject)];
  const { rejected, judgements } = reading;
  const rejections = rejected === 0 ? noRejections : await store.mirror.rejectionReport(maxNamedRejections);
  return { ...opened, reading: number, rejected, rejections, judgements, joinedSources, isEmpty: false, subjects };
}

/** Refuses the pass before a source is read. @throws OperatorError */
async function requireKnownTargets(
  { store, targets }: ReadingDeps,
  { only, includesPaused }: PassOptions,
): Promise<void> {
  const selected = selectTargets(targets, only);
  const { active } = includesPaused === true ? all(selected) : splitPaused(store, selected);
  const mismatch = targetMismatch(active, targets, await store.targets.all());
  if (mismatch !== undefined) throw mismatch;
}

const all = (selected: readonly TargetSpec[]): ReturnType<typeof splitPaused> => ({ active: selected, pauses: [] });

function preparedTarget(prepared: PreparedTargets, name: string): PreparedTarget {
  const target = prepared.get(name);
  if (target === undefined) throw new InvariantError(`${name} takes part in a pass without a compiled mapping`);
  return target;
}

async function subjectOf(
  { store, joinedSources = [] }: PassDeps,
  specs: readonly TargetSpec[],
  query: SubjectQuery,
): Promise<RecordRef> {
  const names = specs.map(({ name }) => name);
  const data = await subjectDataOf(store, names, { specs, joinedSources: joinedSources.map(({ name }) => name) });
  const { resourceType, key } = await requireSubject(data, names, query);
  return { resourceType, key };
}

function selectTargets(targets: readonly TargetSpec[], only: readonly string[] | undefined): readonly TargetSpec[] {
  return only === undefined ? targets : targets.filter(({ name }) => only.includes(name));
}

const noRejections: RejectionReport = {
  rejected: { total: 0, rows: [] },
  waiting: { total: 0, records: [] },
  waitingMemberships: 0,
};

/** Records what the command line approves. @returns its id; undefined: it approves nothing */
async function recordApproval(
  { store, clock }: PassDeps,
  { approval: { removals, plan, reason }, operator, command }: PassOptions,
  pass: number,
): Promise<number | undefined> {
  if (removals === undefined && plan === undefined) return undefined;
  const { name, host } = operator;
  return store.journal.recordApproval(pass, {
    ...{ at: clock.now(), operator: name, host, reason, command, plan, removals },
  });
}
