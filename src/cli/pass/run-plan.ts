import type { DryRunTransaction } from '../../store/store.ts';
import type { Emit } from '../../sync/events.ts';
import { plan } from '../../sync/pass.ts';
import type { PreparedPass } from '../../sync/plan-pass.ts';
import { parseAt } from '../at.ts';
import { realClock } from '../clock.ts';
import { passOptions, withCopy, type Context } from '../context.ts';
import { selectTargets, subjectOfFlags, type SubjectFlags } from '../program/selection-flags.ts';
import { wireJoinedSources } from '../source/wire-joined-sources.ts';
import { wireSource } from '../source/wire-source.ts';
import { wireTargets } from '../wire.ts';

/** What a dry run plans. */
export interface DryRunFlags extends SubjectFlags {
  readonly target: readonly string[];
  readonly full: boolean;
  readonly acceptSource: boolean;
  readonly at?: string | undefined;
}

/**
 * Plans what `sync` would do, on a copy of the state, which is lost afterwards. Sends nothing to a target.
 *
 * @param emitOf receives the events; `isRunning`: another process works on the state
 * @param show runs before the rollback
 * @throws OperatorError
 */
export async function runPlan<T>(
  context: Context,
  flags: DryRunFlags,
  emitOf: (isRunning: boolean) => Emit,
  show: (planned: PreparedPass & { readonly id: string }, tx: DryRunTransaction) => Promise<T>,
): Promise<T> {
  const { config, stop } = context;
  const { full, acceptSource } = flags;
  const only = selectTargets(config, flags.target);
  const at = parseAt(flags.at, config.source.users.timezone, realClock.now());
  const options = { ...passOptions(context, { only, full, acceptSource, subject: subjectOfFlags(flags) }), at };
  return withCopy(context, ({ store, isRunning }) =>
    plan(
      {
        store,
        source: wireSource(config),
        joinedSources: wireJoinedSources(config),
        targets: wireTargets(config),
        clock: realClock,
        emit: emitOf(isRunning),
      },
      options,
      show,
      stop,
    ),
  );
}
