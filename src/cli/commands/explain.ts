import { ImplausibleReading, OperatorError } from '../../model/errors.ts';
import type { Config } from '../../config/config.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import type { Columns } from '../../source/source.ts';
import { plan } from '../../sync/pass.ts';
import type { TargetSpec } from '../../sync/context.ts';
import { openView, passOptions, withCopy, stateName, type Context, type ExitCode } from '../context.ts';
import { selectTargets } from '../program/selection-flags.ts';
import { subjectDataOfView } from '../subject-data-of-view.ts';
import { subjectDataOf } from '../../sync/subjects/subject-data.ts';
import { referenceNames } from '../print/reference-names.ts';
import { explainAll, type ExplainData } from '../explain.ts';
import { joinedNames } from '../source/joined-source-reports.ts';
import { joinedSourcesText } from '../source/joined-sources-text.ts';
import { openDriftText } from '../drift/drift-text.ts';
import { judgementsText } from '../print/judgements.ts';
import { logEvents } from '../pass-events.ts';
import { wireJoinedSources } from '../source/wire-joined-sources.ts';
import { wireSource } from '../source/wire-source.ts';
import { wireTargets } from '../wire.ts';
import { realClock } from '../clock.ts';

/**
 * `explain`: one user or group from end to end: source record, scope, desired state, snapshot, and what would be sent.
 * Reads the source as a dry run does. If that is not possible now, it explains from the last reading.
 */
export async function explainCommand(
  context: Context,
  query: string,
  flags: { readonly target: string | undefined },
): Promise<ExitCode> {
  const only = selectTargets(context.config, flags.target === undefined ? [] : [flags.target]);
  const specs = wireTargets(context.config).filter(({ name }) => only === undefined || only.includes(name));
  try {
    await explainFromPlan(context, specs, only, query);
  } catch (error) {
    if (!(error instanceof OperatorError) || error.exitCode === 4 || isFinal.has(error.code)) throw error;
    context.log.warn(
      { code: error.code },
      `explained from the last reading, because a new one is not possible now: ${error.message}`,
    );
    if (error instanceof ImplausibleReading)
      judgementsText(error.judgements, context.console.colors).forEach((line) => context.console.out(line));
    await explainFromLastReading(context, specs, query);
  }
  return 0;
}

/** Errors that the last reading would not avoid. */
const isFinal: ReadonlySet<string> = new Set(['state.damaged', 'commandLine.unknownSubject']);

function explainFromPlan(
  context: Context,
  specs: readonly TargetSpec[],
  only: readonly string[] | undefined,
  query: string,
): Promise<void> {
  const { config, console, stop } = context;
  return withCopy(context, ({ store, isRunning }) => {
    const io = {
      store,
      source: wireSource(config),
      joinedSources: wireJoinedSources(config),
      targets: wireTargets(config),
      clock: realClock,
      emit: logEvents(context, { isRunning }),
    };
    return plan(
      io,
      passOptions(context, { only, full: false }),
      async ({ pass, judgements, plans, joinedSources }, tx) => {
        judgementsText(judgements, console.colors).forEach((line) => console.out(line));
        joinedSourcesText(joinedSources, console.colors).forEach((line) => console.out(line));
        const names = specs.map(({ name }) => name);
        const stores = new Map(await Promise.all(names.map(async (name) => [name, await tx.target(name)] as const)));
        const drifts = new Map(
          await Promise.all(names.map(async (name) => [name, (await store.target(name)).drift] as const)),
        );
        const data: ExplainData = {
          ...(await subjectDataOf(tx, names, { specs, joinedSources: joinedNames(config) })),
          mirror: tx.mirror,
          zone: config.source.users.timezone,
          keyChanges: tx.keyChanges,
          pauses: tx.suspensions.pauses(),
          uniqueValues: (target) => stores.get(target)?.uniqueValues,
          freezes: tx.suspensions.freezes(),
          namesOf: referenceNames({ nameAtTarget: tx.journal.nameAtTarget, mirror: tx.mirror }),
          planned: (target, resourceType, key) => tx.journal.recordEntries(pass, target, resourceType, key),
          driftTexts: (target, resourceType, key) =>
            (drifts.get(target)?.openOf({ resourceType, key }) ?? []).map((one) =>
              openDriftText(one, tx.journal.nameAtTarget),
            ),
          holdReasons: (name) => {
            const verdict = plans.find(({ target }) => target === name)?.verdict;
            return verdict?.kind === 'hold' ? verdict.reasons : [];
          },
        };
        await explainAll(data, specs, await columnsOf(data), query, console.out);
      },
      stop,
    );
  });
}

async function explainFromLastReading(context: Context, specs: readonly TargetSpec[], query: string): Promise<void> {
  const { config, console } = context;
  const view = openView(config);
  if (view === undefined)
    throw new OperatorError(
      'state.missing',
      `there is no state at ${stateName(context)} yet, so there is nothing to explain; ` +
        'run a pass first: "scimsync sync"',
    );
  try {
    const data = explainDataOf(view, config);
    await explainAll(data, specs, await columnsOf(data), query, console.out);
  } finally {
    view.close();
  }
}

/** The columns of the last reading. */
export async function columnsOf({ mirror }: ExplainData): Promise<Columns> {
  return (await mirror.last())?.columns ?? { users: [], groups: [] };
}

/** What `explain` shows without a new reading: the state. */
export const explainDataOf = (view: ReadOnlyStore, config: Config): ExplainData => ({
  ...subjectDataOfView(view, config),
  mirror: view.mirror,
  zone: config.source.users.timezone,
  keyChanges: view.keyChanges,
  pauses: view.pauses().filter(({ ended }) => ended === undefined),
  uniqueValues: (target) => view.uniqueValues(target),
  freezes: view.freezes().filter(({ ended }) => ended === undefined),
  namesOf: referenceNames(view),
  planned: undefined,
  driftTexts: (target, resourceType, key) =>
    [...view.drift({ target, resourceType, keys: [key], isOpen: true })].map((one) =>
      openDriftText(one, view.nameAtTarget),
    ),
  holdReasons: () => [],
});
