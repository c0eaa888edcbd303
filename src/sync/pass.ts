import type { Rules } from '../desired/rules.ts';
import { InvariantError, OperatorError } from '../model/errors.ts';
import type { Approval, TargetPlan } from '../model/plan.ts';
import type { Columns, Uses } from '../source/source.ts';
import { planId } from './digest.ts';
import { heldEmptyReading } from './empty-reading.ts';
import type { PassOptions, PlanIo, SyncIo } from './pass-io.ts';
import { givingWay } from './giving-way.ts';
import { planRound } from './plan-round.ts';
import { takeReading, type ReadingResult } from './reading.ts';
import { serve, type TargetReport } from './serve.ts';
import type { TargetSpec } from './spec.ts';

export interface Planned {
  readonly pass: number;
  readonly plans: readonly TargetPlan[];
  readonly rejected: number;
  /** The source held nobody, so there is no plan that could be carried out. */
  readonly isEmpty: boolean;
}

/** A planning with what carrying it out needs: the rules are compiled once a pass. */
interface Prepared extends Planned {
  readonly rules: ReadonlyMap<string, { readonly spec: TargetSpec; readonly rules: Rules }>;
}

export interface SyncOptions extends PassOptions {
  /** Carry out exactly the plan with this id. */
  readonly plan: string | undefined;
  /** Aborted when the source has changed since the pass began: carrying out then gives way to another pass before long. */
  readonly news?: AbortSignal | undefined;
  /** Called once everything is planned, before anything is sent. */
  readonly planned?: (() => void) | undefined;
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
  io: PlanIo,
  options: PassOptions,
  show: (planned: Planned & { readonly id: string }) => Promise<T>,
  stop: AbortSignal,
): Promise<T> {
  return io.store.rehearse(async () => {
    const planned = await planAll(io, options, stop);
    return show({
      ...planned,
      id: await planId(
        io.store.journal,
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
export async function sync(io: SyncIo, options: SyncOptions, stop: AbortSignal): Promise<SyncReport> {
  const { journal } = io.store;
  const began = io.clock.now();
  const planned = await planOrRecordWhyNot(io, options, stop);
  options.planned?.();
  const way = givingWay(io.clock, options.news, io.clock.now() - began, stop);
  // Every target is served to its end, whatever becomes of the others.
  const served = await Promise.allSettled(
    planned.plans.map(async (targetPlan) => {
      const found = planned.rules.get(targetPlan.target);
      if (found === undefined) throw new InvariantError(`${targetPlan.target} was planned without rules`);
      const report = await serve(io, found.spec, found.rules, planned.pass, targetPlan, options, way.signal);
      await journal.summarise(planned.pass, targetPlan.target, report);
      return report;
    }),
  );
  way.end();
  const failure = served.find((one) => one.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  const reports = served.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  const stopped = way.signal.aborted;
  const result = stopped ? 'stopped' : reports.some(({ failed }) => failed > 0) ? 'failed' : 'done';
  await journal.end(
    planned.pass,
    io.clock.now(),
    result,
    way.gaveWay() ? 'it gave way to a change in the source' : options.note,
  );
  return { pass: planned.pass, reports, rejected: planned.rejected, stopped };
}

/** A pass that could not be planned leaves nothing behind but the record that it was tried, and why it failed. */
async function planOrRecordWhyNot(io: SyncIo, options: SyncOptions, stop: AbortSignal): Promise<Prepared> {
  const { journal } = io.store;
  const began = io.clock.now();
  try {
    return await io.store.transaction(async () => {
      const result = await planAll(io, options, stop);
      if (options.plan !== undefined) await refuseIfMoved(io, result, options.plan);
      return result;
    });
  } catch (error) {
    const { pass } = await journal.begin(options.command, began);
    const refused = error instanceof OperatorError;
    await journal.end(
      pass,
      io.clock.now(),
      stop.aborted ? 'stopped' : refused ? 'refused' : 'failed',
      error instanceof Error ? error.message : String(error),
    );
    throw error;
  }
}

async function planAll(io: PlanIo, options: PassOptions, stop: AbortSignal): Promise<Prepared> {
  const { store, clock, emit } = io;
  const specs = chosen(io.targets, options.only);
  const { pass, interrupted } = await store.journal.begin(options.command, clock.now(), isApproved(options.approval));
  if (interrupted > 0) emit({ type: 'interrupted', passes: interrupted });
  const { reading, rules } = await readSource(io, options, stop);
  if (reading.kind === 'empty')
    return { pass, plans: await heldEmptyReading(store, specs, emit), rejected: 0, isEmpty: true, rules };
  await store.journal.setReading(pass, reading.number);
  const plans: TargetPlan[] = [];
  for (const { spec, rules: compiled } of specs.map(({ name }) => rules.get(name)).filter((one) => one !== undefined)) {
    stop.throwIfAborted();
    plans.push(await planRound(io, options, { spec, rules: compiled, pass, round: 0, reading: reading.number }));
  }
  return { pass, plans, rejected: reading.rejected, isEmpty: false, rules };
}

const isApproved = ({ removals, plan: exactly }: Approval): boolean => removals !== undefined || exactly === true;

async function readSource(
  io: PlanIo,
  options: PassOptions,
  stop: AbortSignal,
): Promise<{ reading: ReadingResult; rules: Prepared['rules'] }> {
  const open = await io.source.source.open(stop);
  try {
    const rules = compile(io.targets, open.columns);
    const uses = usesOfAll([...rules.values()].map((one) => one.rules));
    const reading = await takeReading(
      io,
      io.source,
      open,
      uses,
      { acceptAnything: options.acceptSource, everything: options.full },
      stop,
    );
    return { reading, rules };
  } finally {
    await open.close();
  }
}

async function refuseIfMoved(io: PlanIo, { pass, plans }: Planned, wanted: string): Promise<void> {
  const id = await planId(
    io.store.journal,
    pass,
    plans.map(({ target }) => target),
  );
  if (id !== wanted) {
    throw new OperatorError(
      `the world has moved since plan ${wanted} was shown: the plan is ${id} now, and nothing was done. Look at it with "scimsync plan", then carry it out with "scimsync sync --plan ${id}".`,
    );
  }
}

function chosen(targets: readonly TargetSpec[], only: readonly string[] | undefined): readonly TargetSpec[] {
  return only === undefined ? targets : targets.filter(({ name }) => only.includes(name));
}

/** @throws OperatorError with the mistakes of all targets */
function compile(targets: readonly TargetSpec[], columns: Columns): Prepared['rules'] {
  const compiled = new Map<string, { readonly spec: TargetSpec; readonly rules: Rules }>();
  const mistakes: string[] = [];
  for (const spec of targets) {
    try {
      compiled.set(spec.name, { spec, rules: spec.rules(columns) });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      mistakes.push(error.message);
    }
  }
  if (mistakes.length > 0) throw new OperatorError(mistakes.join('\n'), 4);
  return compiled;
}

/** What all of them need of the source. */
export function usesOfAll(rules: readonly Rules[]): Uses {
  const all = (pick: (rules: Rules) => ReadonlySet<string> | undefined): ReadonlySet<string> | undefined => {
    const names = new Set<string>();
    for (const one of rules) {
      const used = pick(one);
      if (used === undefined) return undefined;
      for (const name of used) names.add(name);
    }
    return names;
  };
  return { users: all(({ uses }) => uses.users), groups: all(({ uses }) => uses.groups) };
}
