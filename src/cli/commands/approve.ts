import { hostname } from 'node:os';
import { OperatorError } from '../../model/errors.ts';
import type { Violation } from '../../model/plan.ts';
import { plan } from '../../sync/pass.ts';
import { heldDigest, planId, shortId } from '../../sync/guard/plan-id.ts';
import type { PreparedPass } from '../../sync/plan-pass.ts';
import type { JournalView, Store } from '../../store/store.ts';
import { passOptions, withCopy, withStateBeside, type Context, type ExitCode } from '../context.ts';
import { selectTargets } from '../program/selection-flags.ts';
import { logEvents } from '../pass-events.ts';
import { realClock } from '../clock.ts';
import { wireJoinedSources } from '../source/wire-joined-sources.ts';
import { wireSource } from '../source/wire-source.ts';
import { wireTargets } from '../wire.ts';

/** Options of `approve`. */
export interface ApproveFlags {
  readonly target: readonly string[];
  readonly reason: string;
}

/** What one target holds of the plan, as the approval covers it. */
interface HeldAtTarget {
  readonly target: string;
  /** The id of the plan for this target alone. */
  readonly id: string;
  /** Digest of the held operations; undefined: the target holds nothing that can be approved. */
  readonly held: string | undefined;
  readonly violations: readonly Violation[];
}

/**
 * `approve`: plans as `plan` does, and leaves an approval for the next pass, by the daemon or the command line. It
 * covers exactly what is held now: by the plan with this id, or by the hold with this id.
 *
 * @throws OperatorError if that is not the current plan, or if it holds nothing
 */
export async function approveCommand(context: Context, id: string, flags: ApproveFlags): Promise<ExitCode> {
  const { config, console } = context;
  const only = selectTargets(config, flags.target);
  const current = await withCopy(context, async ({ store, isRunning }) =>
    plan(
      {
        ...{ store, source: wireSource(config), joinedSources: wireJoinedSources(config), clock: realClock },
        targets: wireTargets(config),
        emit: logEvents(context, { isRunning }),
      },
      passOptions(context, { only, full: false }),
      async (planned, { journal }) => ({ id: planned.id, targets: await heldTargets(journal, planned) }),
      context.stop,
    ),
  );
  const chosen =
    current.id === id
      ? current.targets
      : current.targets.filter((one) => one.id === id || (one.held !== undefined && shortId(one.held) === id));
  if (chosen.length === 0) throw outOfDate(id, current.id);
  const held = chosen.filter((one) => one.held !== undefined);
  if (held.length === 0)
    throw new OperatorError(
      'plan.nothingHeld',
      `plan ${id} holds nothing that an approval would let through; nothing was recorded`,
    );
  await withStateBeside(context, (store) => leaveApprovals(context, store, id, flags.reason, held));
  for (const { target, violations } of held)
    console.out(
      `${target}: the next pass carries out what plan ${id} holds: ` +
        `${violations.map(({ kind, subject, planned }) => `${subject ?? kind} ${planned}`).join(', ')}. ` +
        `Approved by ${context.operator}: ${flags.reason}`,
    );
  return 0;
}

async function heldTargets(
  journal: JournalView,
  { pass, plans, isEmpty }: Pick<PreparedPass, 'pass' | 'plans' | 'isEmpty'>,
): Promise<readonly HeldAtTarget[]> {
  const result: HeldAtTarget[] = [];
  for (const { target, verdict } of plans) {
    const held = isEmpty ? undefined : await heldDigest(journal, pass, target);
    const violations = verdict.kind === 'hold' ? verdict.violations : [];
    result.push({ target, id: await planId(journal, pass, [target]), held, violations });
  }
  return result;
}

const outOfDate = (id: string, currentId: string): OperatorError =>
  new OperatorError(
    'plan.outOfDate',
    `plan ${id} is not the current plan, which is ${currentId}; nothing was approved. ` +
      'Read it with "scimsync plan", then approve it by its id, with the same --target as "plan".',
  );

async function leaveApprovals(
  { operator, commandLine }: Context,
  store: Store,
  id: string,
  reason: string,
  held: readonly HeldAtTarget[],
): Promise<void> {
  const approval = {
    ...{ at: realClock.now(), operator, host: hostname(), reason, command: commandLine },
    ...{ plan: id, removals: undefined },
  };
  await store.command(async ({ journal, notices }) => {
    for (const one of held)
      if (one.held !== undefined) {
        await journal.leaveApproval(one.target, one.held, approval);
        await notices.leave({ command: 'approve', target: one.target }, approval.at);
      }
  });
}
