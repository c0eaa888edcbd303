import { OperatorError } from '../../model/errors.ts';
import type { Columns } from '../../source/source.ts';
import { openView } from '../../store/view.ts';
import { plan } from '../../sync/pass.ts';
import type { TargetSpec } from '../../sync/spec.ts';
import { checkTargets, passOptions, withStore, type Context, type ExitCode } from '../context.ts';
import { explainAll, type Desk } from '../explain.ts';
import { logEvents } from '../watch.ts';
import { wireSource, wireTargets } from '../wire.ts';
import { realClock } from '../world.ts';

/**
 * One person or group end to end: source record, scope, desired resource, what the target acknowledged, and what would be sent.
 * Reads the source as a plan does, in a world without writes; where that is not possible now, it explains from the last reading.
 */
export async function explainCommand(
  context: Context,
  wanted: string,
  flags: { readonly target: string | undefined },
): Promise<ExitCode> {
  const only = checkTargets(context.config, flags.target === undefined ? [] : [flags.target]);
  const specs = wireTargets(context.config).filter(({ name }) => only === undefined || only.includes(name));
  try {
    await fromPlan(context, specs, only, wanted);
  } catch (error) {
    if (!(error instanceof OperatorError) || error.exitCode === 4) throw error;
    context.log.warn(`explained from the last reading, because a new one is not possible now: ${error.message}`);
    await fromLastReading(context, specs, wanted);
  }
  return 0;
}

function fromPlan(
  context: Context,
  specs: readonly TargetSpec[],
  only: readonly string[] | undefined,
  wanted: string,
): Promise<void> {
  const { config, console, stop } = context;
  return withStore(context, (store) => {
    const io = {
      store,
      source: wireSource(config),
      targets: wireTargets(config),
      clock: realClock,
      emit: logEvents(context),
    };
    return plan(
      io,
      passOptions(context, { only, full: false }),
      async ({ pass }) => {
        const stores = new Map(
          await Promise.all(specs.map(async ({ name }) => [name, await store.target(name)] as const)),
        );
        const desk: Desk = {
          mirror: store.mirror,
          known: (target, kind, key) => stores.get(target)?.known(kind, key),
          knownByName: async (target, kind, name) => (await stores.get(target)?.knownByName(kind, name)) ?? [],
          planned: (target, kind, key) => store.journal.about(pass, target, kind, key),
        };
        await explainAll(desk, specs, await columnsOf(desk), wanted, console.out);
      },
      stop,
    );
  });
}

async function fromLastReading(
  { config, console }: Context,
  specs: readonly TargetSpec[],
  wanted: string,
): Promise<void> {
  const view = openView(config.state);
  if (view === undefined)
    throw new OperatorError(
      `there is no state at ${config.state} yet, so nobody can be explained; make a pass first: "scimsync sync"`,
    );
  try {
    const desk: Desk = {
      mirror: view.mirror,
      known: (target, kind, key) => view.snapshot(target)?.known(kind, key),
      knownByName: async (target, kind, name) => view.snapshot(target)?.knownByName(kind, name) ?? [],
      planned: undefined,
    };
    await explainAll(desk, specs, await columnsOf(desk), wanted, console.out);
  } finally {
    view.close();
  }
}

async function columnsOf({ mirror }: Desk): Promise<Columns> {
  return (await mirror.last())?.columns ?? { users: [], groups: [] };
}
