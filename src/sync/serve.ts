import type { Rules } from '../desired/rules.ts';
import { noCounts, type Counts, type Hold, type TargetPlan } from '../model/plan.ts';
import type { Target } from '../scim/target.ts';
import type { TargetStore } from '../store/store.ts';
import { carryOut, reportHeld, type Tally } from './carry-out.ts';
import type { PassOptions, SyncIo } from './pass-io.ts';
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
const rounds = 5;

/** What was planned for a target so far, over all its rounds. */
interface Course {
  readonly counts: Counts;
  held: Hold | null;
  problems: number;
}

/** Serves one target: its plan, then what the answers raised, until they raise nothing more. A target that is down delays nobody else. */
export async function serve(
  io: SyncIo,
  spec: TargetSpec,
  rules: Rules,
  pass: number,
  first: TargetPlan,
  options: PassOptions,
  stop: AbortSignal,
): Promise<TargetReport> {
  const tally: Tally = { succeeded: 0, failed: 0, held: 0, skipped: 0 };
  const course: Course = {
    counts: { ...first.counts },
    held: first.verdict.kind === 'hold' ? first.verdict : null,
    problems: first.problems,
  };
  if (course.held !== null) await reportHeld(io, { pass, round: 0, spec, rules }, tally);
  if (first.cost.requests === 0) return reportOf(spec, course, tally, { requests: 0, retries: 0 }, undefined);
  const store = await io.store.target(spec.name);
  const target = io.connect(spec);
  try {
    const learned = await learn(store, target, stop);
    await resolveDoubts(io, store, target, rules, stop);
    await inRounds(io, { spec, rules, pass, options, store, target, tally, course }, stop);
    // A target that works and describes itself nowhere need not be asked again; one that was merely out of reach is.
    if (!learned && tally.succeeded > 0) await store.rememberDiscovery({});
    const unavailable = stop.aborted ? undefined : target.unavailable;
    if (unavailable !== undefined) io.emit({ type: 'stopped', target: spec.name, detail: unavailable });
    const skipped = await io.store.journal.skipRest(
      pass,
      spec.name,
      unavailable ?? 'the pass was stopped before this was sent',
    );
    return reportOf(spec, course, { ...tally, skipped: tally.skipped + skipped }, target.counters, unavailable);
  } finally {
    target.close();
  }
}

interface Serving {
  readonly spec: TargetSpec;
  readonly rules: Rules;
  readonly pass: number;
  readonly options: PassOptions;
  readonly store: TargetStore;
  readonly target: Target;
  readonly tally: Tally;
  readonly course: Course;
}

async function inRounds(
  io: SyncIo,
  { spec, rules, pass, options, store, target, tally, course }: Serving,
  stop: AbortSignal,
): Promise<void> {
  for (let round = 0; ; round += 1) {
    await carryOut(
      { journal: io.store.journal, store, target, clock: io.clock, emit: io.emit },
      { pass, round, spec, rules },
      tally,
      stop,
    );
    if (stop.aborted || target.unavailable !== undefined || round + 1 >= rounds || !(await store.hasFollowUps()))
      return;
    const reading = (await store.state()).derived;
    const next = await io.store.transaction(() =>
      planRound(io, { full: false, approval: options.approval }, { spec, rules, pass, round: round + 1, reading }),
    );
    add(course.counts, next.counts);
    course.problems = Math.max(course.problems, next.problems);
    if (next.verdict.kind !== 'hold') continue;
    await reportHeld(io, { pass, round: round + 1, spec, rules }, tally);
    course.held ??= next.verdict;
  }
}

/** What the target says of itself is asked for once and remembered; what cannot be read switches nothing off. @returns whether anything is known */
async function learn(store: TargetStore, target: Target, stop: AbortSignal): Promise<boolean> {
  const { discovery } = await store.state();
  if (discovery !== undefined) {
    target.use(discovery as Parameters<Target['use']>[0]);
    return true;
  }
  const discovered = await target.discover(stop);
  target.use(discovered);
  if (discovered !== undefined) await store.rememberDiscovery(discovered);
  return discovered !== undefined;
}

/** More than were ever in flight at once, and few enough to ask for one by one. */
const doubtsAtOnce = 500;

/**
 * Reads back the accounts of which it is not known what they hold, because an earlier change was sent and never answered. What
 * was planned for them is said in any case; what this shows is compared in the next round.
 */
async function resolveDoubts(
  { clock }: SyncIo,
  store: TargetStore,
  target: Target,
  rules: Rules,
  stop: AbortSignal,
): Promise<void> {
  for (const known of await store.doubtful(doubtsAtOnce)) {
    if (stop.aborted || target.unavailable !== undefined) return;
    const reading = await target.read(known.kind, known.remoteId, rules.paths(known.kind), stop, store.owner);
    if (reading === 'gone') await store.correct(known, { kind: 'forget' }, clock.now());
    else if ('remoteId' in reading)
      await store.correct(
        known,
        {
          kind: 'remember',
          body: reading.body,
          active: reading.active,
          ...(reading.version === undefined ? {} : { version: reading.version }),
        },
        clock.now(),
      );
  }
}

function add(counts: Counts, more: Counts): void {
  for (const action of Object.keys(noCounts()) as (keyof Counts)[]) counts[action] += more[action];
}

function reportOf(
  { name }: TargetSpec,
  { counts, held, problems }: Course,
  { succeeded, failed, skipped, held: heldOperations }: Tally,
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
