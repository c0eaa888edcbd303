import type { TargetMapping } from '../desired/target-mapping.ts';
import { InvariantError, OperatorError } from '../model/errors.ts';
import type { Instant } from '../model/ids.ts';
import type { Judgement } from '../model/reading/judgement.ts';
import { maxNamedRejections } from '../model/reading/rejected-row.ts';
import type { Freeze, Reading, KeyChanges, PassTransaction, RecordRef } from '../store/store.ts';
import { decideSubjects, type SubjectDecision } from './subjects/decide-subject.ts';
import { subjectDataOf } from './subjects/subject-data.ts';
import { requireSubject, type SubjectQuery } from './subjects/find-subjects.ts';
import type { TargetPlan } from '../model/plan.ts';
import type { Columns, UsedAttributes } from '../source/source.ts';
import type { RejectionReport } from '../store/store.ts';
import type { JoinedSourceSpec, PassInputs, PassOptions, PlanningDeps, ReadingDeps, TargetSpec } from './context.ts';
import { pausedTargets, splitPaused, type PausedTarget } from './suspensions/paused-targets.ts';
import { heldEmptySource } from './guard/empty-source.ts';
import { passApprovals, type PassApprovals } from './guard/pass-approvals.ts';
import { planTarget } from './plan-target.ts';
import { recordTargets } from './target-identity.ts';
import type { JoinedSourceReport } from './joins/joined-source-report.ts';
import { readJoinedSources } from './joins/read-joined-sources.ts';
import { openAndRead } from './reading/open-and-read.ts';
import { union, usedOfSeveral } from './reading/used-attributes.ts';
import type { ReadingResult } from './read-source.ts';

/** A pass whose targets are planned. */
export interface PlannedPass {
  readonly pass: number;
  readonly plans: readonly TargetPlan[];
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
  /** Why a pass for one user or group has nothing to send to some targets. */
  readonly decisions: readonly SubjectDecision[];
  /** What the pass found out about joined sources; empty if it did not read them. */
  readonly joinedSources: readonly JoinedSourceReport[];
  /** The source returned no users, so no plan can be carried out. */
  readonly isEmpty: boolean;
}

/** A target with its mapping, compiled once per pass. */
export interface PreparedTarget {
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
}

/** A planned pass with what execution needs. */
export interface PreparedPass extends PlannedPass {
  readonly prepared: ReadonlyMap<string, PreparedTarget>;
  /** What the command line approves, as far as the plans have not spent it. */
  readonly approvals: PassApprovals;
  /** The only records of this pass; undefined: all. */
  readonly subjects: readonly RecordRef[] | undefined;
}

/** A pass whose reading is in the mirror, and whose targets are not planned. */
export interface OpenedPass extends Omit<PreparedPass, 'plans' | 'decisions'> {
  /** The reading that the mirror holds. */
  readonly reading: number;
  /** The targets of the pass that no operator set aside. */
  readonly targets: readonly PreparedTarget[];
}

/**
 * Opens a pass in the journal, reads the source, and plans round 0 of each target. Runs inside the caller's
 * transaction.
 *
 * @throws IncompleteReading, OperatorError
 */
export async function planPass(
  deps: PassInputs & { readonly store: PassTransaction },
  options: PassOptions,
  stop: AbortSignal,
): Promise<OpenedPass & PreparedPass> {
  const opened = await openPass(deps, options, stop);
  const plans: TargetPlan[] = [];
  const decisions: SubjectDecision[] = [];
  for (const target of opened.targets) {
    stop.throwIfAborted();
    const plan = await planOne(deps, options, opened, target);
    plans.push(plan);
    decisions.push(...(await decideSubjects(deps, opened, target, plan)));
  }
  return { ...opened, plans, decisions };
}

/** Plans round 0 of one target of a pass. Runs inside the caller's transaction. */
export async function planOne(
  deps: PlanningDeps,
  options: PassOptions,
  { pass, reading, approvals, subjects, isEmpty }: OpenedPass,
  target: PreparedTarget,
): Promise<TargetPlan> {
  if (isEmpty) return heldEmptySource(deps.store, target.spec, deps.emit);
  if (subjects !== undefined) await (await deps.store.target(target.spec.name)).requeueSubjects(subjects);
  return planTarget(deps, { ...target, pass, reading, earlier: [], options, approvals, subjects });
}

/**
 * Opens a pass in the journal and reads the source. Runs inside the caller's transaction.
 *
 * @throws IncompleteReading, OperatorError
 */
export async function openPass(deps: ReadingDeps, options: PassOptions, stop: AbortSignal): Promise<OpenedPass> {
  const { store, clock, emit } = deps;
  const selected = selectTargets(deps.targets, options.only);
  const { active: specs, pauses } = splitPaused(store, selected);
  const { pass, interrupted } = await store.journal.begin(options.command, clock.now());
  const approvals = passApprovals(options.approval, await recordApproval(deps, options, pass));
  await recordTargets(store, specs, deps.targets);
  // The rollback of another target's plan must not take back what opening the state of a target writes.
  for (const { name } of specs) await store.target(name);
  await store.suspensions.endFreezes(options.at ?? clock.now());
  if (interrupted > 0) emit({ type: 'interruptedPasses', passes: interrupted });
  const readsSource = options.onlyRequeued !== true && options.byLastReading !== true;
  const { reading, prepared } = readsSource
    ? ((await readingInUse(deps, options)) ?? (await openAndReadSource(deps, options, stop)))
    : await lastReading(deps);
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
  const joinedSources = readsSource
    ? await readJoinedSources(deps, mappingsOf(prepared), options, maxNamedRejections, stop)
    : [];
  // Users whose joined records changed have a reading of their own.
  const number = (await store.mirror.last())?.number ?? reading.number;
  await store.journal.setReading(pass, number);
  const subjects = options.subject === undefined ? undefined : [await subjectOf(deps, selected, options.subject)];
  const { rejected, judgements } = reading;
  const rejections = rejected === 0 ? noRejections : await store.mirror.rejectionReport(maxNamedRejections);
  return { ...opened, reading: number, rejected, rejections, judgements, joinedSources, isEmpty: false, subjects };
}

function preparedTarget(prepared: PreparedPass['prepared'], name: string): PreparedTarget {
  const target = prepared.get(name);
  if (target === undefined) throw new InvariantError(`${name} takes part in a pass without a compiled mapping`);
  return target;
}

async function subjectOf(
  { store, joinedSources = [] }: ReadingDeps,
  specs: readonly TargetSpec[],
  query: SubjectQuery,
): Promise<RecordRef> {
  const names = specs.map(({ name }) => name);
  const data = await subjectDataOf(store, names, { specs, joinedSources: joinedSources.map(({ name }) => name) });
  const { resourceType, key } = await requireSubject(data, names, query);
  return { resourceType, key };
}

const noRejections: RejectionReport = {
  rejected: { total: 0, rows: [] },
  waiting: { total: 0, records: [] },
  waitingMemberships: 0,
};

/** Records what the command line approves. @returns its id; undefined: it approves nothing */
async function recordApproval(
  { store, clock }: ReadingDeps,
  { approval: { removals, plan, reason }, operator, command }: PassOptions,
  pass: number,
): Promise<number | undefined> {
  if (removals === undefined && plan === undefined) return undefined;
  const { name, host } = operator;
  return store.journal.recordApproval(pass, {
    ...{ at: clock.now(), operator: name, host, reason, command, plan, removals },
  });
}

/** A reading of the source with the mappings for its attributes. */
export interface PreparedReading {
  readonly reading: ReadingResult;
  readonly prepared: PreparedPass['prepared'];
}

/** The last accepted reading of a source that is not due; undefined: the source is read. */
async function readingInUse(deps: ReadingDeps, { notDue }: PassOptions): Promise<PreparedReading | undefined> {
  const { store, source } = deps;
  const last = await store.mirror.last();
  const isInUse = last !== undefined && source.name !== undefined && notDue?.has(source.name) === true;
  if (!isInUse) return undefined;
  const { reading, prepared } = await lastReading(deps);
  return { reading: { ...reading, rejected: last.rejected, judgements: last.facts.judgements ?? [] }, prepared };
}

/** The mappings for the attributes of the last reading. */
async function lastReading({ store, targets }: ReadingDeps): Promise<PreparedReading & { reading: AcceptedReading }> {
  const last = await store.mirror.last();
  const prepared = compileMappings(targets, last?.columns ?? { users: [], groups: [] });
  return {
    reading: { kind: 'accepted', number: last?.number ?? 0, rejected: 0, rejections: [], judgements: [] },
    prepared,
  };
}

type AcceptedReading = Extract<ReadingResult, { kind: 'accepted' }>;

/** @throws IncompleteReading, OperatorError */
export async function openAndReadSource(
  deps: ReadingDeps,
  options: PassOptions,
  stop: AbortSignal,
): Promise<PreparedReading> {
  const { store, source, targets, joinedSources = [] } = deps;
  // A server that went back in time is read completely until a reading of it is accepted.
  const wasRefused = (last: Reading): Promise<boolean> => store.journal.wasRefused('source.wentBack', last.completed);
  const hasRefusal = (since: Instant): Promise<boolean> => store.journal.hasRefusal(since);
  const before = (await store.mirror.last())?.columns.groups;
  return openAndRead({ ...deps, wasRefused, hasRefusal }, source, targets, options, stop, (columns) => {
    const prepared = compileMappings(targets, columns);
    const mappings = mappingsOf(prepared);
    const { users, groups } = unionOfUses(mappings, joinedSources);
    const hasOthers = joinedSources.some(({ hasGroups }) => hasGroups === true);
    return {
      prepared,
      mappings,
      uses: { users, groups: hasOthers ? usedOfSeveral(groups, columns.groups, before) : groups },
    };
  });
}

/** The mappings of all targets. */
export const mappingsOf = (prepared: PreparedPass['prepared']): readonly TargetMapping[] =>
  [...prepared.values()].map(({ mapping }) => mapping);

function selectTargets(targets: readonly TargetSpec[], only: readonly string[] | undefined): readonly TargetSpec[] {
  return only === undefined ? targets : targets.filter(({ name }) => only.includes(name));
}

/** @throws OperatorError that lists the mistakes of all targets */
function compileMappings(targets: readonly TargetSpec[], columns: Columns): PreparedPass['prepared'] {
  const compiled = new Map<string, PreparedTarget>();
  const mistakes: string[] = [];
  for (const spec of targets) {
    try {
      compiled.set(spec.name, { spec, mapping: spec.compileMapping(columns) });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      mistakes.push(error.message);
    }
  }
  if (mistakes.length > 0) throw new OperatorError('config.mapping', mistakes.join('\n'), 4);
  return compiled;
}

/** The source attributes that any of the targets or joins uses; undefined: all. */
export function unionOfUses(
  mappings: readonly TargetMapping[],
  joins: readonly Pick<JoinedSourceSpec, 'equals'>[],
): UsedAttributes {
  return {
    users: union([
      ...mappings.map(({ usedAttributes }) => usedAttributes.users),
      ...joins.map(({ equals }) => equals.usedAttributes),
    ]),
    groups: union(mappings.map(({ usedAttributes }) => usedAttributes.groups)),
  };
}
