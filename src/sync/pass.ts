import type { Rules } from '../desired/rules.ts';
import { OperatorError } from '../model/errors.ts';
import { noCounts, type Approval, type Counts, type Hold, type TargetPlan } from '../model/plan.ts';
import type { Clock } from '../model/world.ts';
import type { Target } from '../scim/target.ts';
import type { Columns, Uses } from '../source/source.ts';
import type { Store, TargetStore } from '../store/store.ts';
import { carryOut, type Tally } from './carry-out.ts';
import { planId } from './digest.ts';
import type { Emit } from './events.ts';
import { heldEmptyReading } from './empty-reading.ts';
import { planTarget } from './plan-target.ts';
import { takeReading, type ReadingResult } from './reading.ts';
import type { SourceSpec, TargetSpec } from './spec.ts';

/** What planning is given. Nothing in it can reach a target: this is the dry run. */
export interface PlanIo {
  readonly store: Store;
  readonly source: SourceSpec;
  /** All targets of the configuration: what any of them uses is kept in the mirror. */
  readonly targets: readonly TargetSpec[];
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface SyncIo extends PlanIo {
  readonly connect: (spec: TargetSpec) => Target;
}

export interface PassOptions {
  /** Names of the targets that this pass serves; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Derives and compares everybody, whatever changed. */
  readonly full: boolean;
  readonly approval: Approval;
  readonly acceptSource: boolean;
  /** For the journal: what was asked, and by whom. */
  readonly command: string;
  readonly note: string | undefined;
}

export interface Planned {
  readonly pass: number;
  readonly plans: readonly TargetPlan[];
  readonly rejected: number;
}

export interface SyncOptions extends PassOptions {
  /** Carry out exactly the plan with this id. */
  readonly plan: string | undefined;
}

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

export interface SyncReport {
  readonly pass: number;
  readonly reports: readonly TargetReport[];
  readonly rejected: number;
  readonly stopped: boolean;
}

/** Follow-ups come of answers: adopted accounts that differ, references in a ring. More rounds than this would be a quarrel, not a completion. */
const rounds = 5;

/**
 * The dry run: reads, compares and judges as `sync` would, in a transaction that is taken back. `show` sees the plan while it exists.
 *
 * @throws IncompleteReading, OperatorError
 */
export async function plan<T>(io: PlanIo, options: PassOptions, show: (planned: Planned & { readonly id: string }) => Promise<T>, stop: AbortSignal): Promise<T> {
  return io.store.rehearse(async () => {
    const planned = await planAll(io, options, stop);
    return show({ ...planned, id: await planId(io.store.journal, planned.pass, planned.plans.map(({ target }) => target)) });
  });
}

/**
 * One pass: read, mirror, derive, compare, judge, carry out, remember, report.
 *
 * @throws IncompleteReading, OperatorError: nothing was planned and nothing was sent
 */
export async function sync(io: SyncIo, options: SyncOptions, stop: AbortSignal): Promise<SyncReport> {
  const { journal } = io.store;
  const planned = await planOrRecordWhyNot(io, options, stop);
  const specs = chosen(io.targets, options.only);
  const columns = (await io.store.mirror.last())?.columns ?? { users: [], groups: [] };
  const reports = await Promise.all(planned.plans.map(async (targetPlan) => {
    const spec = specs.find(({ name }) => name === targetPlan.target);
    if (spec === undefined) throw new OperatorError(`no target is called ${targetPlan.target}`, 4);
    const report = await serve(io, spec, spec.rules(columns), planned.pass, targetPlan, options, stop);
    await journal.summarise(planned.pass, spec.name, report);
    return report;
  }));
  const result = stop.aborted ? 'stopped' : reports.some(({ failed }) => failed > 0) ? 'failed' : 'done';
  await journal.end(planned.pass, io.clock.now(), result, options.note);
  return { pass: planned.pass, reports, rejected: planned.rejected, stopped: stop.aborted };
}

/** A pass that could not be planned leaves nothing behind but the record that it was tried, and why it failed. */
async function planOrRecordWhyNot(io: SyncIo, options: SyncOptions, stop: AbortSignal): Promise<Planned> {
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
    await journal.end(pass, io.clock.now(), stop.aborted ? 'stopped' : refused ? 'refused' : 'failed', error instanceof Error ? error.message : String(error));
    throw error;
  }
}

async function planAll(io: PlanIo, options: PassOptions, stop: AbortSignal): Promise<Planned> {
  const { store, clock, emit } = io;
  const specs = chosen(io.targets, options.only);
  const { pass, interrupted } = await store.journal.begin(options.command, clock.now());
  if (interrupted > 0) emit({ type: 'interrupted', passes: interrupted });
  const open = await io.source.source.open(stop);
  const rules = compile(io.targets, open.columns);
  const reading = await takeReading(io, io.source, open, usesOfAll(rules), options.acceptSource, stop);
  if (reading.kind === 'empty') return { pass, plans: await heldEmptyReading(store, specs, emit), rejected: 0 };
  await store.journal.setReading(pass, reading.number);
  const plans: TargetPlan[] = [];
  for (const spec of specs) {
    stop.throwIfAborted();
    plans.push(await planOne(io, options, spec, rules.get(spec) ?? spec.rules(open.columns), pass, 0, reading));
  }
  return { pass, plans, rejected: reading.rejected };
}

async function planOne(
  io: PlanIo, { full, approval }: PassOptions, spec: TargetSpec, rules: Rules, pass: number, round: number, reading: Extract<ReadingResult, { kind: 'believed' }>,
): Promise<TargetPlan> {
  const began = io.clock.now();
  const targetPlan = await planTarget(io, { spec, rules, pass, round, reading: reading.number, full, approval, now: began });
  io.emit({ type: 'planned', target: spec.name, operations: targetPlan.cost.requests, milliseconds: io.clock.now() - began });
  if (targetPlan.verdict.kind === 'hold') io.emit({ type: 'held', target: spec.name, reasons: targetPlan.verdict.reasons });
  return targetPlan;
}

/** Serves one target: its plan, then what the answers raised, until they raise nothing more. A target that is down delays nobody else. */
async function serve(io: SyncIo, spec: TargetSpec, rules: Rules, pass: number, first: TargetPlan, options: SyncOptions, stop: AbortSignal): Promise<TargetReport> {
  const tally: Tally = { succeeded: 0, failed: 0, held: 0, skipped: 0 };
  const counts = { ...first.counts };
  let held: Hold | null = first.verdict.kind === 'hold' ? first.verdict : null;
  let problems = first.problems;
  if (first.cost.requests === 0) return reportOf(spec, counts, held, tally, { requests: 0, retries: 0 }, undefined, problems);
  const store = await io.store.target(spec.name);
  const target = io.connect(spec);
  try {
    await learn(store, target, stop);
    await resolveDoubts(io, store, target, rules, stop);
    for (let round = 0; ; round += 1) {
      await carryOut({ journal: io.store.journal, store, target, clock: io.clock, emit: io.emit }, { pass, round, spec, rules }, tally, stop);
      if (stop.aborted || target.unavailable !== undefined || round + 1 >= rounds || !(await store.hasFollowUps())) break;
      const reading = (await store.state()).derived;
      const next = await io.store.transaction(() => planOne(io, { ...options, full: false }, spec, rules, pass, round + 1, { kind: 'believed', number: reading, rejected: 0, rejections: [] }));
      add(counts, next.counts);
      problems = Math.max(problems, next.problems);
      if (next.verdict.kind === 'hold') held ??= next.verdict;
    }
    const unavailable = stop.aborted ? undefined : target.unavailable;
    if (unavailable !== undefined) io.emit({ type: 'stopped', target: spec.name, detail: unavailable });
    const skipped = await io.store.journal.skipRest(pass, spec.name, unavailable ?? 'the pass was stopped before this was sent');
    return reportOf(spec, counts, held, { ...tally, skipped: tally.skipped + skipped }, target.counters, unavailable, problems);
  } finally {
    target.close();
  }
}

/** What the target says of itself is asked for once and remembered; what cannot be read switches nothing off. */
async function learn(store: TargetStore, target: Target, stop: AbortSignal): Promise<void> {
  const { discovery } = await store.state();
  if (discovery !== undefined) {
    target.use(discovery as Parameters<Target['use']>[0]);
    return;
  }
  const discovered = await target.discover(stop);
  if (target.unavailable !== undefined) return;
  target.use(discovered);
  await store.rememberDiscovery(discovered ?? {});
}

/** More than were ever in flight at once, and few enough to ask for one by one. */
const doubtsAtOnce = 500;

/**
 * Reads back the accounts of which it is not known what they hold, because an earlier change was sent and never answered. What
 * was planned for them is said in any case; what this shows is compared in the next round.
 */
async function resolveDoubts({ clock }: SyncIo, store: TargetStore, target: Target, rules: Rules, stop: AbortSignal): Promise<void> {
  for (const known of await store.doubtful(doubtsAtOnce)) {
    if (stop.aborted || target.unavailable !== undefined) return;
    const reading = await target.read(known.kind, known.remoteId, rules.paths(known.kind), stop, store.owner);
    if (reading === 'gone') await store.correct(known, { kind: 'forget' }, clock.now());
    else if ('remoteId' in reading) await store.correct(known, { kind: 'remember', body: reading.body, active: reading.active, ...(reading.version === undefined ? {} : { version: reading.version }) }, clock.now());
  }
}

async function refuseIfMoved(io: PlanIo, { pass, plans }: Planned, wanted: string): Promise<void> {
  const id = await planId(io.store.journal, pass, plans.map(({ target }) => target));
  if (id !== wanted) {
    throw new OperatorError(`the world has moved since plan ${wanted} was shown: the plan is ${id} now, and nothing was done. Look at it with "scimsync plan", then carry it out with "scimsync sync --plan ${id}".`);
  }
}

function chosen(targets: readonly TargetSpec[], only: readonly string[] | undefined): readonly TargetSpec[] {
  return only === undefined ? targets : targets.filter(({ name }) => only.includes(name));
}

/** @throws OperatorError with the mistakes of all targets */
function compile(targets: readonly TargetSpec[], columns: Columns): ReadonlyMap<TargetSpec, Rules> {
  const compiled = new Map<TargetSpec, Rules>();
  const mistakes: string[] = [];
  for (const spec of targets) {
    try {
      compiled.set(spec, spec.rules(columns));
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      mistakes.push(error.message);
    }
  }
  if (mistakes.length > 0) throw new OperatorError(mistakes.join('\n'), 4);
  return compiled;
}

function usesOfAll(rules: ReadonlyMap<TargetSpec, Rules>): Uses {
  const all = (pick: (rules: Rules) => ReadonlySet<string> | undefined): ReadonlySet<string> | undefined => {
    const names = new Set<string>();
    for (const one of rules.values()) {
      const used = pick(one);
      if (used === undefined) return undefined;
      for (const name of used) names.add(name);
    }
    return names;
  };
  return { users: all(({ uses }) => uses.users), groups: all(({ uses }) => uses.groups) };
}

function add(counts: Counts, more: Counts): void {
  for (const action of Object.keys(noCounts()) as (keyof Counts)[]) counts[action] += more[action];
}

function reportOf(
  spec: TargetSpec, counts: Counts, held: Hold | null, tally: Tally, counters: { readonly requests: number; readonly retries: number }, unavailable: string | undefined, problems: number,
): TargetReport {
  return {
    target: spec.name, counts, held, succeeded: tally.succeeded, failed: tally.failed, heldOperations: tally.held, skipped: tally.skipped,
    requests: counters.requests, retries: counters.retries, unavailable, problems,
  };
}
