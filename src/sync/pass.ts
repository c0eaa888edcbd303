import type { TargetMapping } from '../desired/target-mapping.ts';
import { InvariantError, OperatorError } from '../model/errors.ts';
import type { Approval, TargetPlan } from '../model/plan.ts';
import type { Columns, UsedAttributes } from '../source/source.ts';
import { planId } from './plan-id.ts';
import { heldEmptySource } from './empty-source.ts';
import type { PassOptions, PlanDeps, SyncDeps } from './pass-deps.ts';
import { preemptible } from './preemption.ts';
import { planRound } from './plan-round.ts';
import { readSource, type ReadingResult } from './read-source.ts';
import { runTarget, type TargetReport } from './run-target.ts';
import type { TargetSpec } from './spec.ts';

export interface PlannedPass {
  readonly pass: number;
  readonly plans: readonly TargetPlan[];
  readonly rejected: number;
  /** The source held nobody, so there is no plan that could be carried out. */
  readonly isEmpty: boolean;
}

/** A planning with what carrying it out needs: the rules are compiled once a pass. */
interface PreparedPass extends PlannedPass {
  readonly mappings: ReadonlyMap<string, { readonly spec: TargetSpec; readonly mapping: TargetMapping }>;
}

export interface SyncOptions extends PassOptions {
  /** Carry out exactly the plan with this id. */
  readonly plan: string | undefined;
  /** Aborted when the source has changed since the pass began: carrying out then gives way to another pass before long. */
  readonly sourceChanged?: AbortSignal | undefined;
  /** Called once everything is planned, before anything is sent. */
  readonly onPlanned?: (() => void) | undefined;
}

export interface SyncReport {
  readonly pass: number;
  readonly reports: readonly TargetReport[];
  readonly rejected: number;
  /** It ended before everything was sent: it was told to, or gave way to news. */
  readonly stopped: boolean;
}

/**
 * The dry run: reads, compares and judges as `sync` would, in a transaction that is taken back. `show` sees the plan while it exists.
 *
 * @throws IncompleteReading, OperatorError
 */
export async function plan<T>(
  deps: PlanDeps,
  options: PassOptions,
  show: (planned: PlannedPass & { readonly id: string }) => Promise<T>,
  stop: AbortSignal,
): Promise<T> {
  return deps.store.dryRun(async () => {
    const planned = await planAll(deps, options, stop);
    return show({
      ...planned,
      id: await planId(
        deps.store.journal,
        planned.pass,
        planned.plans.map(({ target }) => target),
      ),
    });
  });
}

/**
 * One pass: read, mirror, derive, compare, judge, carry out, remember, report.
 *
 * @throws IncompleteReading, OperatorError: nothing was planned and nothing was sent
 */
export async function sync(deps: SyncDeps, options: SyncOptions, stop: AbortSignal): Promise<SyncReport> {
  const { journal } = deps.store;
  const startedAt = deps.clock.now();
  const planned = await planOrRecordFailure(deps, options, stop);
  options.onPlanned?.();
  const preemption = preemptible(deps.clock, options.sourceChanged, deps.clock.now() - startedAt, stop);
  // Every target is served to its end, whatever becomes of the others.
  const results = await Promise.allSettled(
    planned.plans.map(async (targetPlan) => {
      const prepared = planned.mappings.get(targetPlan.target);
      if (prepared === undefined) throw new InvariantError(`${targetPlan.target} was planned without rules`);
      const report = await runTarget(
        deps,
        prepared.spec,
        prepared.mapping,
        planned.pass,
        targetPlan,
        options,
        preemption.signal,
      );
      await journal.saveSummary(planned.pass, targetPlan.target, report);
      return report;
    }),
  );
  preemption.end();
  const failure = results.find((one) => one.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  const reports = results.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  const stopped = preemption.signal.aborted;
  const result = stopped ? 'stopped' : reports.some(({ failed }) => failed > 0) ? 'failed' : 'done';
  await journal.end(
    planned.pass,
    deps.clock.now(),
    result,
    preemption.wasPreempted() ? 'it gave way to a change in the source' : options.note,
  );
  return { pass: planned.pass, reports, rejected: planned.rejected, stopped };
}

/** A pass that could not be planned leaves nothing behind but the record that it was tried, and why it failed. */
async function planOrRecordFailure(deps: SyncDeps, options: SyncOptions, stop: AbortSignal): Promise<PreparedPass> {
  const { journal } = deps.store;
  const startedAt = deps.clock.now();
  try {
    return await deps.store.transaction(async () => {
      const result = await planAll(deps, options, stop);
      if (options.plan !== undefined) await requireSamePlan(deps, result, options.plan);
      return result;
    });
  } catch (error) {
    const { pass } = await journal.begin(options.command, startedAt);
    const refused = error instanceof OperatorError;
    await journal.end(
      pass,
      deps.clock.now(),
      stop.aborted ? 'stopped' : refused ? 'refused' : 'failed',
      error instanceof Error ? error.message : String(error),
    );
    throw error;
  }
}

async function planAll(deps: PlanDeps, options: PassOptions, stop: AbortSignal): Promise<PreparedPass> {
  const { store, clock, emit } = deps;
  const specs = selectTargets(deps.targets, options.only);
  const { pass, interrupted } = await store.journal.begin(options.command, clock.now(), isApproved(options.approval));
  if (interrupted > 0) emit({ type: 'interrupted', passes: interrupted });
  const { reading, mappings } = await openAndReadSource(deps, options, stop);
  if (reading.kind === 'empty')
    return { pass, plans: await heldEmptySource(store, specs, emit), rejected: 0, isEmpty: true, mappings };
  await store.journal.setReading(pass, reading.number);
  const plans: TargetPlan[] = [];
  for (const { spec, mapping } of specs.map(({ name }) => mappings.get(name)).filter((one) => one !== undefined)) {
    stop.throwIfAborted();
    plans.push(await planRound(deps, options, { spec, mapping, pass, round: 0, reading: reading.number }));
  }
  return { pass, plans, rejected: reading.rejected, isEmpty: false, mappings };
}

const isApproved = ({ removals, plan: exactly }: Approval): boolean => removals !== undefined || exactly === true;

async function openAndReadSource(
  deps: PlanDeps,
  options: PassOptions,
  stop: AbortSignal,
): Promise<{ reading: ReadingResult; mappings: PreparedPass['mappings'] }> {
  const open = await deps.source.source.open(stop);
  try {
    const mappings = compileMappings(deps.targets, open.columns);
    const uses = unionOfUses([...mappings.values()].map((one) => one.mapping));
    const reading = await readSource(
      deps,
      deps.source,
      open,
      uses,
      { acceptImplausible: options.acceptSource, full: options.full },
      stop,
    );
    return { reading, mappings };
  } finally {
    await open.close();
  }
}

async function requireSamePlan(deps: PlanDeps, { pass, plans }: PlannedPass, expectedId: string): Promise<void> {
  const id = await planId(
    deps.store.journal,
    pass,
    plans.map(({ target }) => target),
  );
  if (id !== expectedId) {
    throw new OperatorError(
      'plan.outOfDate',
      `the world has moved since plan ${expectedId} was shown: the plan is ${id} now, and nothing was done. Look at it with "scimsync plan", then carry it out with "scimsync sync --plan ${id}".`,
    );
  }
}

function selectTargets(targets: readonly TargetSpec[], only: readonly string[] | undefined): readonly TargetSpec[] {
  return only === undefined ? targets : targets.filter(({ name }) => only.includes(name));
}

/** @throws OperatorError with the mistakes of all targets */
function compileMappings(targets: readonly TargetSpec[], columns: Columns): PreparedPass['mappings'] {
  const compiled = new Map<string, { readonly spec: TargetSpec; readonly mapping: TargetMapping }>();
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

/** What all of them need of the source. */
export function unionOfUses(mappings: readonly TargetMapping[]): UsedAttributes {
  const all = (pick: (rules: TargetMapping) => ReadonlySet<string> | undefined): ReadonlySet<string> | undefined => {
    const names = new Set<string>();
    for (const one of mappings) {
      const used = pick(one);
      if (used === undefined) return undefined;
      for (const name of used) names.add(name);
    }
    return names;
  };
  return {
    users: all(({ usedAttributes }) => usedAttributes.users),
    groups: all(({ usedAttributes }) => usedAttributes.groups),
  };
}
