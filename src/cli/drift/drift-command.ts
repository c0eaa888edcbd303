import { OperatorError } from '../../model/errors.ts';
import { exitCodeOf } from '../../plan/exit-code.ts';
import type { RecordRef, Store } from '../../store/store.ts';
import type { TargetSpec } from '../../sync/context.ts';
import { checkRecords } from '../../sync/drift/check-records.ts';
import { newPosition } from '../../plan/drift/check-times.ts';
import { checkTarget } from '../../sync/drift/check-target.ts';
import type { DriftCheck } from '../../sync/drift/drift-check.ts';
import { openDrift, openOrphans, reportOf, type DriftReport } from '../../sync/drift/drift-report.ts';
import { wholeCheck, withCheck, type CheckDeps } from '../../sync/drift/open-check.ts';
import { requeueRepairs } from '../../sync/drift/requeue-repairs.ts';
import { requireSubject } from '../../sync/subjects/find-subjects.ts';
import { subjectDataOf } from '../../sync/subjects/subject-data.ts';
import { exitCodeOfPass, requireNoErrors, runPass } from '../commands/sync.ts';
import { realClock } from '../clock.ts';
import { readTargetMismatch, withStore, type Context, type ExitCode } from '../context.ts';
import { selectTargets, subjectOfFlags, type SubjectFlags } from '../program/selection-flags.ts';
import { pauseAsJson, pauseText } from '../print/suspensions-text.ts';
import { joinedNames } from '../source/joined-source-reports.ts';
import { wireTargets } from '../wire.ts';
import { checkDeps } from './check-deps.ts';
import { driftLine, driftSummaryLine, orphanDriftLine } from './drift-json.ts';
import { driftSummaryText, driftText, orphanDriftText } from './drift-text.ts';

/** Options of `drift`. */
export interface DriftFlags extends SubjectFlags {
  readonly target: readonly string[];
  readonly repair: boolean;
  readonly json: boolean;
  readonly exitCode: boolean;
  readonly allowRemovals: number | undefined;
  /** Why the removals are right, for the journal. */
  readonly reason?: string;
}

/** A compared target, and whether differences are open. */
interface Compared {
  readonly report: DriftReport;
  readonly spec: TargetSpec;
}

/**
 * `drift`: compares the targets with the snapshot, and shows where they no longer hold what they acknowledged.
 * `--repair` plans what the policy repairs, in a pass of its own that does not read the source.
 */
export async function driftCommand(context: Context, flags: DriftFlags): Promise<ExitCode> {
  requireRepair(flags);
  const names = selectTargets(context.config, flags.target);
  const query = subjectOfFlags(flags);
  const mismatch = readTargetMismatch(context.config);
  if (mismatch !== undefined) throw mismatch;
  return withStore(context, async (store) => {
    await store.command((tx) => tx.journal.closeInterrupted(realClock.now()));
    const specs = activeTargets(context, store, flags, names);
    const records = query === undefined ? undefined : [await subjectOf(context, store, specs, query)];
    const deps = checkDeps(context, store);
    const compared = await Promise.all(
      specs.map((spec): Promise<Compared> =>
        withCheck(deps, spec, wholeCheck(flags.repair), context.stop, async (check) => {
          const report = await compare(check, records);
          await show(context, store, check, report, records, flags.json);
          return { report, spec };
        }),
      ),
    );
    const repaired = flags.repair ? await repair(context, deps, compared, flags) : 0;
    const reports = compared.map(({ report }) => report);
    const isFound = reports.some(({ counts }) => Object.values(counts).some((count) => count > 0));
    const failed = reports.some(({ unproven, unavailable }) => unproven > 0 || unavailable !== undefined);
    const unsent = reports.some(({ isComplete }) => !isComplete);
    const shown = exitCodeOf({ failed, held: repaired === 3, unsent, changes: flags.exitCode && isFound });
    return failed || repaired === 0 ? shown : repaired;
  });
}

/** A reason without an approval would be lost. @throws OperatorError */
function requireRepair({ repair, allowRemovals, reason }: DriftFlags): void {
  if (allowRemovals !== undefined && !repair)
    throw new OperatorError('commandLine.drift', '--allow-removals needs --repair: without it nothing is changed', 4);
  if (reason !== undefined && allowRemovals === undefined)
    throw new OperatorError('commandLine.drift', '--reason is the reason of --allow-removals', 4);
}

/** The chosen targets without those that an operator set aside, which are named. */
function activeTargets(
  { config, console }: Context,
  { suspensions }: Store,
  { json }: DriftFlags,
  names: readonly string[] | undefined,
): readonly TargetSpec[] {
  const pauses = new Map(suspensions.pauses().map((pause) => [pause.target, pause]));
  const chosen = wireTargets(config).filter(({ name }) => names === undefined || names.includes(name));
  for (const { name } of chosen) {
    const pause = pauses.get(name);
    if (pause === undefined) continue;
    const line = { type: 'paused', code: 'target.paused', target: name, ...pauseAsJson(pause) };
    console.out(json ? JSON.stringify(line) : `${name}: ${pauseText(pause)}; it is not compared`);
  }
  return chosen.filter(({ name }) => !pauses.has(name));
}

async function subjectOf(
  { config }: Context,
  store: Store,
  specs: readonly TargetSpec[],
  query: Parameters<typeof requireSubject>[2],
): Promise<RecordRef> {
  const names = specs.map(({ name }) => name);
  const data = await subjectDataOf(store, names, { specs, joinedSources: joinedNames(config) });
  const { resourceType, key } = await requireSubject(data, names, query);
  return { resourceType, key };
}

async function compare(check: DriftCheck, records: readonly RecordRef[] | undefined): Promise<DriftReport> {
  const isComplete = records === undefined ? await compareAll(check) : await checkRecords(check, records);
  if (check.isRepairing) await requeueRepairs(check, records);
  return reportOf(check, isComplete, records);
}

async function compareAll(check: DriftCheck): Promise<boolean> {
  const { store, clock } = check;
  const { phase } = await checkTarget(check, {
    ...newPosition(clock.now(), await store.drift.position()),
    leavers: undefined,
  });
  return phase === 'ended';
}

async function show(
  { console }: Context,
  { journal }: Store,
  check: DriftCheck,
  report: DriftReport,
  records: readonly RecordRef[] | undefined,
  json: boolean,
): Promise<void> {
  const { name } = check.spec;
  for (const drift of openDrift(check, records))
    console.out(json ? JSON.stringify(driftLine(drift)) : driftText(drift, journal.nameAtTarget));
  if (records === undefined)
    for await (const orphan of openOrphans(check))
      console.out(json ? JSON.stringify(orphanDriftLine(name, orphan)) : orphanDriftText(name, orphan));
  if (json) console.out(JSON.stringify(driftSummaryLine(report)));
  else driftSummaryText(report).forEach((line) => console.out(line));
}

/**
 * Plans and sends what the snapshot took over, in a pass through the guard. Then the accounts are read again, so that
 * the state knows what the repair brought about.
 */
async function repair(
  context: Context,
  deps: CheckDeps,
  compared: readonly Compared[],
  { json, allowRemovals, reason }: DriftFlags,
): Promise<ExitCode> {
  const changed = compared.filter(({ report }) => report.taken.length > 0);
  if (changed.length === 0) {
    if (!json) context.console.out('There is nothing to repair.');
    return 0;
  }
  const report = await runPass(
    context,
    deps.store,
    {
      ...{ full: false, plan: undefined, acceptSource: false, adoptConflicts: false },
      ...{ target: changed.map(({ spec }) => spec.name), json, allowRemovals },
      ...(reason === undefined ? {} : { reason }),
    },
    { onlyRequeued: 'drift', note: `${context.operator} repaired what the targets no longer held` },
  );
  requireNoErrors(report);
  for (const {
    spec,
    report: { taken },
  } of changed)
    await withCheck(deps, spec, wholeCheck(false), context.stop, (check) => checkRecords(check, taken));
  return exitCodeOfPass(report);
}
