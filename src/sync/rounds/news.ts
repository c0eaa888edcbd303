import type { TargetMapping } from '../../desired/target-mapping.ts';
import { OperatorError } from '../../model/errors.ts';
import type { TargetPlan } from '../../model/plan.ts';
import type { PassOptions, SyncDeps, TargetSpec } from '../context.ts';
import type { Emit } from '../events.ts';
import type { Interruption, SharedExecution } from '../execution/answers.ts';
import type { OpenedPass } from '../open-pass.ts';
import type { PreparedTarget } from '../reading/stage-sources.ts';
import { planTarget } from '../plan-target.ts';
import { rulesFingerprint } from '../planning-scope.ts';
import type { TargetRun } from '../run-target.ts';

/** What happened since a target was planned: readings that were committed, or dates that fell due. */
export interface News {
  /** Whether there is news that the target has not planned. Asked between two operations. */
  readonly pending: boolean;
  /** The target plans all news now. */
  take(): void;
}

/** A pass without news. */
export const noNews: News = { pending: false, take: () => undefined };

/** A target with what its rounds need of the pass. */
export type TargetOfPass = PreparedTarget & Pick<OpenedPass, 'pass' | 'approvals' | 'isEmpty' | 'subjects'>;

/** The rounds of one target in one pass. */
interface TargetRounds {
  readonly deps: SyncDeps;
  readonly options: PassOptions;
  readonly target: TargetOfPass;
  readonly run: TargetRun;
  /** The plans of the rounds so far; that of the news is added. */
  readonly plans: TargetPlan[];
}

/** News that may come between two operations, or between two rounds. */
export interface NewsInterruption extends Interruption {
  /** @param shared undefined: no round is interrupted */
  execute(shared: SharedExecution | undefined): Promise<void>;
  /** Why news ended the run early: the rules changed with it, and the next pass plans everything. */
  endedRun(): string | undefined;
}

/** Plans and executes news as further rounds of a pass. Further news may interrupt them in turn. */
export function newsBetweenOperations(rounds: TargetRounds, news: News): NewsInterruption {
  const { deps, options, target, run, plans } = rounds;
  const isPartial = target.subjects !== undefined || options.onlyRequeued !== undefined;
  let endedRun: string | undefined;
  const interruption: NewsInterruption = {
    isPending: () => news.pending && !isPartial && endedRun === undefined,
    endedRun: () => endedRun,
    async execute(shared) {
      const planned = await planNews(rounds, news);
      if (planned === undefined) {
        endedRun = 'the rules of the target changed with the source, so the next pass plans everything again';
        run.endEarly(endedRun);
        return;
      }
      const { plan, mapping } = planned;
      reportFrozen(deps.emit, plan);
      plans.push(plan);
      await run.execute({ round: plans.length - 1, plan, mapping, shared }, interruption);
    },
  };
  return interruption;
}

/** @returns undefined if the news needs a plan of everything: the rules changed with the columns of the source */
async function planNews(
  { deps, options, target, plans }: TargetRounds,
  news: News,
): Promise<{ readonly plan: TargetPlan; readonly mapping: TargetMapping } | undefined> {
  const { spec } = target;
  return deps.store.planning(async (store) => {
    const [last, state] = [await store.mirror.last(), await (await store.target(spec.name)).state()];
    const mapping = last === undefined ? undefined : mappingFor(spec, last.columns);
    if (last === undefined || mapping === undefined) return undefined;
    if (rulesFingerprint(spec, mapping) !== state.mappingFingerprint) return undefined;
    // What comes from now on is news again. News that is not planned stays pending: the next pass plans everything.
    news.take();
    const input = { ...target, mapping, reading: last.number, earlier: plans, isNews: true };
    return { mapping, plan: await planTarget({ ...deps, store }, { ...input, options: { ...options, full: false } }) };
  });
}

/** @returns undefined if the rules do not fit the columns of the source; the next pass reports it */
export function mappingFor(
  spec: TargetSpec,
  columns: Parameters<TargetSpec['compileMapping']>[0],
): TargetMapping | undefined {
  try {
    return spec.compileMapping(columns);
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

/** The operations that are not sent because their users are frozen. */
export function reportFrozen(emit: Emit, { target, frozen }: TargetPlan): void {
  const result = {
    result: 'held',
    code: 'user.frozen',
    detail: 'frozen',
    status: undefined,
    evidence: undefined,
  } as const;
  for (const operation of frozen.operations) emit({ type: 'operation', target, operation, ...result });
}
