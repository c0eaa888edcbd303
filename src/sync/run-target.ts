import type { TargetMapping } from '../desired/target-mapping.ts';
import { zeroCounts, type Counts, type Hold, type TargetPlan } from '../model/plan.ts';
import type { Target } from '../scim/target.ts';
import type { TargetStore } from '../store/store.ts';
import { execute, reportHeld, type OutcomeCounts } from './execute.ts';
import type { PassOptions, SyncDeps } from './pass-deps.ts';
import { planRound } from './plan-round.ts';
import type { TargetSpec } from './spec.ts';

export interface TargetReport {
  readonly target: string;
  readonly counts: Counts;
  readonly held: Hold | null;
  readonly succeeded: number;
  readonly failed: number;
  readonly heldOperations: number;
  readonly skipped: number;
  readonly requests: number;
  readonly retries: number;
  /** Why the target was left before its operations were all sent. */
  readonly unavailable: string | undefined;
  /** Records that the target would not take. */
  readonly problems: number;
}

/** Follow-ups come of answers: adopted accounts that differ, references in a ring. More rounds than this would be a quarrel, not a completion. */
const maxRounds = 5;

/** What was planned for a target so far, over all its rounds. */
interface Progress {
  readonly counts: Counts;
  held: Hold | null;
  problems: number;
}

/** Serves one target: its plan, then what the answers raised, until they raise nothing more. A target that is down delays nobody else. */
export async function runTarget(
  deps: SyncDeps,
  spec: TargetSpec,
  mapping: TargetMapping,
  pass: number,
  firstPlan: TargetPlan,
  options: PassOptions,
  stop: AbortSignal,
): Promise<TargetReport> {
  const outcomeCounts: OutcomeCounts = { succeeded: 0, failed: 0, held: 0, skipped: 0 };
  const progress: Progress = {
    counts: { ...firstPlan.counts },
    held: firstPlan.verdict.kind === 'hold' ? firstPlan.verdict : null,
    problems: firstPlan.problems,
  };
  if (progress.held !== null) await reportHeld(deps, { pass, round: 0, spec, mapping }, outcomeCounts);
  if (firstPlan.cost.requests === 0)
    return reportOf(spec, progress, outcomeCounts, { requests: 0, retries: 0 }, undefined);
  const store = await deps.store.target(spec.name);
  const target = deps.connect(spec);
  try {
    const isDiscovered = await loadDiscovery(store, target, stop);
    await readBackInDoubt(deps, store, target, mapping, stop);
    await runRounds(deps, { spec, mapping, pass, options, store, target, outcomeCounts, progress }, stop);
    // A target that works and describes itself nowhere need not be asked again; one that was merely out of reach is.
    if (!isDiscovered && outcomeCounts.succeeded > 0) await store.saveDiscovery({});
    const unavailable = stop.aborted ? undefined : target.unavailableReason;
    if (unavailable !== undefined) deps.emit({ type: 'stopped', target: spec.name, detail: unavailable });
    const skipped = await deps.store.journal.skipRemaining(
      pass,
      spec.name,
      unavailable ?? 'the pass was stopped before this was sent',
    );
    return reportOf(
      spec,
      progress,
      { ...outcomeCounts, skipped: outcomeCounts.skipped + skipped },
      target.counters,
      unavailable,
    );
  } finally {
    target.close();
  }
}

interface RunContext {
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
  readonly pass: number;
  readonly options: PassOptions;
  readonly store: TargetStore;
  readonly target: Target;
  readonly outcomeCounts: OutcomeCounts;
  readonly progress: Progress;
}

async function runRounds(
  deps: SyncDeps,
  { spec, mapping, pass, options, store, target, outcomeCounts, progress }: RunContext,
  stop: AbortSignal,
): Promise<void> {
  for (let round = 0; ; round += 1) {
    await execute(
      { journal: deps.store.journal, store, target, clock: deps.clock, emit: deps.emit },
      { pass, round, spec, mapping },
      outcomeCounts,
      stop,
    );
    if (
      stop.aborted ||
      target.unavailableReason !== undefined ||
      round + 1 >= maxRounds ||
      !(await store.hasFollowUps())
    )
      return;
    const reading = (await store.state()).plannedReading;
    const next = await deps.store.transaction(() =>
      planRound(deps, { full: false, approval: options.approval }, { spec, mapping, pass, round: round + 1, reading }),
    );
    addCounts(progress.counts, next.counts);
    progress.problems = Math.max(progress.problems, next.problems);
    if (next.verdict.kind !== 'hold') continue;
    await reportHeld(deps, { pass, round: round + 1, spec, mapping }, outcomeCounts);
    progress.held ??= next.verdict;
  }
}

/** What the target says of itself is asked for once and remembered; what cannot be read switches nothing off. @returns whether anything is known */
async function loadDiscovery(store: TargetStore, target: Target, stop: AbortSignal): Promise<boolean> {
  const { discovery } = await store.state();
  if (discovery !== undefined) {
    target.applyDiscovery(discovery as Parameters<Target['applyDiscovery']>[0]);
    return true;
  }
  const discovered = await target.discover(stop);
  target.applyDiscovery(discovered);
  if (discovered !== undefined) await store.saveDiscovery(discovered);
  return discovered !== undefined;
}

/** More than were ever in flight at once, and few enough to ask for one by one. */
const maxReadBacks = 500;

/**
 * Reads back the accounts of which it is not known what they hold, because an earlier change was sent and never answered. What
 * was planned for them is said in any case; what this shows is compared in the next round.
 */
async function readBackInDoubt(
  { clock }: SyncDeps,
  store: TargetStore,
  target: Target,
  mapping: TargetMapping,
  stop: AbortSignal,
): Promise<void> {
  for (const known of await store.inDoubt(maxReadBacks)) {
    if (stop.aborted || target.unavailableReason !== undefined) return;
    const result = await target.read(
      known.resourceType,
      known.remoteId,
      mapping.paths(known.resourceType),
      stop,
      store.owner,
    );
    if (result === 'notFound') await store.applyReadBack(known, { kind: 'forget' }, clock.now());
    else if ('remoteId' in result)
      await store.applyReadBack(
        known,
        {
          kind: 'remember',
          body: result.body,
          active: result.active,
          ...(result.version === undefined ? {} : { version: result.version }),
        },
        clock.now(),
      );
  }
}

function addCounts(counts: Counts, more: Counts): void {
  for (const action of Object.keys(zeroCounts()) as (keyof Counts)[]) counts[action] += more[action];
}

function reportOf(
  { name }: TargetSpec,
  { counts, held, problems }: Progress,
  { succeeded, failed, skipped, held: heldOperations }: OutcomeCounts,
  { requests, retries }: { readonly requests: number; readonly retries: number },
  unavailable: string | undefined,
): TargetReport {
  return {
    target: name,
    counts,
    held,
    succeeded,
    failed,
    heldOperations,
    skipped,
    requests,
    retries,
    unavailable,
    problems,
  };
}
