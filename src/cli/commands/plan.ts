import { totalCount } from '../../model/plan.ts';
import { exitCodeOf } from '../../plan/exit-code.ts';
import { plan } from '../../sync/pass.ts';
import { selectTargets, passOptions, withStore, type Context, type ExitCode } from '../context.ts';
import { showPlanAsJson } from '../print/json-lines.ts';
import { showPlanAsText } from '../print/plan-text.ts';
import { logEvents } from '../pass-events.ts';
import { wireSource, wireTargets } from '../wire.ts';
import { realClock } from '../clock.ts';

/** Options of `plan`. */
export interface PlanFlags {
  readonly target: readonly string[];
  readonly full: boolean;
  readonly json: boolean;
  readonly exitCode: boolean;
  readonly acceptSource: boolean;
}

/** `plan`: shows what `sync` would do. Sends nothing to a target and rolls back its writes to the state. */
export async function planCommand(context: Context, flags: PlanFlags): Promise<ExitCode> {
  const only = selectTargets(context.config, flags.target);
  return withStore(context, (store) => {
    const io = {
      store,
      source: wireSource(context.config),
      targets: wireTargets(context.config),
      clock: realClock,
      emit: logEvents(context),
    };
    return plan(
      io,
      passOptions(context, { only, full: flags.full, acceptSource: flags.acceptSource }),
      async (planned) => {
        if (flags.json) await showPlanAsJson(store.journal, planned, context.console);
        else await showPlanAsText(store.journal, planned, context.console);
        return exitCodeOf({
          failed: planned.rejected > 0 || planned.plans.some(({ problems }) => problems > 0),
          held: planned.plans.some(({ verdict }) => verdict.kind === 'hold'),
          unsent: false,
          changes: flags.exitCode && planned.plans.some(({ counts }) => totalCount(counts) > 0),
        });
      },
      context.stop,
    );
  });
}
