import type { Approval, TargetPlan } from '../../model/plan.ts';
import type { PlanCommands } from '../../plan/guard/guard.ts';
import { reasonOf } from '../../plan/undo/undo-record.ts';
import type { ComparedTarget, DryRunTransaction, JournalView, Operator, Store } from '../../store/store.ts';
import type { PassInputs, PassOptions, PlanningDeps, SyncDeps } from '../context.ts';
import { planId } from '../guard/plan-id.ts';
import { openPass, type OpenedPass } from '../open-pass.ts';
import type { PreparedTarget } from '../reading/stage-sources.ts';
import { planUndo } from './plan-undo.ts';
import { readShown, type ShownAccounts } from './read-shown.ts';
import type { KnownAccounts, UndoneWork } from './undo-input.ts';

/** Options of an undo. */
export interface UndoOptions extends UndoneWork {
  /** The targets where it is undone, also those that an operator set aside. */
  readonly targets: readonly string[];
  readonly approval: Approval;
  readonly operator: Operator;
  /** Why, for the journal; undefined: the operator gave no reason. */
  readonly reason: string | undefined;
  /** For the journal: the command line. */
  readonly command: string;
  /** The commands that show and approve the plan, for the messages of the guard. */
  readonly commands: PlanCommands;
}

/** A target that could not be read, so nothing is undone there. */
export interface UnreadTarget {
  readonly target: string;
  readonly reason: string;
}

/** The plan of an undo. */
export interface PlannedUndo {
  readonly pass: number;
  readonly id: string;
  readonly plans: readonly TargetPlan[];
  readonly unread: readonly UnreadTarget[];
}

/** A target of an undo, with what it shows. */
interface ReadTarget extends PreparedTarget {
  readonly reading: ShownAccounts;
}

/** Dependencies of the plan of an undo. `connect` is only used to send GET requests. */
export interface UndoPlanDeps extends PassInputs, Pick<SyncDeps, 'connect'> {
  readonly store: Pick<Store, 'dryRun'>;
}

/**
 * The dry run of an undo: reads the accounts that it would change, and plans in a transaction that is rolled back.
 * `show` runs before the rollback.
 *
 * @throws OperatorError
 */
export async function showUndo<T>(
  deps: UndoPlanDeps,
  options: UndoOptions,
  show: (planned: PlannedUndo, tx: DryRunTransaction) => Promise<T>,
  stop: AbortSignal,
): Promise<T> {
  return deps.store.dryRun(async (tx) => {
    const opened = await openPass({ ...deps, store: tx }, passOptionsOf(options), stop);
    const read: ReadTarget[] = [];
    for (const target of opened.targets)
      read.push(
        await readTarget(
          deps,
          { journal: tx.journal, store: await tx.target(target.spec.name) },
          target,
          options,
          stop,
        ),
      );
    return show(await planTargets({ ...deps, store: tx }, opened, read, options), tx);
  });
}

/** An undo does not read the source: it does not depend on what the source asks for. */
export const passOptionsOf = ({ targets, approval, operator, command, ...of }: UndoOptions): PassOptions => ({
  ...{ only: targets, approval, operator, command, full: false, acceptSource: false },
  byLastReading: true,
  includesPaused: true,
  note: noteOf(of),
});

/** What the journal states about the pass that carries an undo out. */
export const noteOf = ({ undone, reason }: Pick<UndoOptions, 'undone' | 'reason'>): string =>
  reason === undefined ? reasonOf(undone) : `${reasonOf(undone)}: ${reason}`;

/** Reads the accounts of a target that the undo would change. */
export async function readTarget(
  { connect }: Pick<SyncDeps, 'connect'>,
  {
    journal,
    store,
  }: {
    readonly journal: JournalView;
    readonly store: KnownAccounts & Pick<ComparedTarget, 'owner' | 'totals' | 'requestCounts'>;
  },
  { spec, mapping }: PreparedTarget,
  work: UndoneWork,
  stop: AbortSignal,
): Promise<ReadTarget> {
  const target = connect(spec, store.requestCounts);
  try {
    return { spec, mapping, reading: await readShown({ journal, store, target }, { spec, mapping }, work, stop) };
  } finally {
    target.close();
  }
}

/** Plans the undo at each target that was read. Runs inside the caller's transaction. */
export async function planTargets(
  { store, clock, emit }: PlanningDeps,
  { pass, approvals }: OpenedPass,
  targets: readonly ReadTarget[],
  { undone, users, commands }: UndoOptions,
): Promise<PlannedUndo> {
  const plans: TargetPlan[] = [];
  const unread: UnreadTarget[] = [];
  for (const { spec, mapping, reading } of targets) {
    if (reading.unavailable !== undefined) {
      unread.push({ target: spec.name, reason: reading.unavailable });
      continue;
    }
    const startedAt = clock.now();
    const { shown } = reading;
    const input = { spec, mapping, pass, undone, users, commands, approvals, shown, now: startedAt };
    const plan = await planUndo(store, input);
    plans.push(plan);
    const { requests } = plan.cost;
    emit({ type: 'planned', target: spec.name, operations: requests, milliseconds: clock.now() - startedAt });
    if (plan.verdict.kind === 'hold') emit({ type: 'held', target: spec.name, reasons: plan.verdict.reasons });
  }
  const id = await planId(
    store.journal,
    pass,
    plans.map(({ target }) => target),
  );
  return { pass, id, plans, unread };
}
