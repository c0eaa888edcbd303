import type { TargetMapping } from '../../desired/target-mapping.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import type { Columns, UsedAttributes } from '../../source/source.ts';
import type { Reading, ReadingTransaction } from '../../store/store.ts';
import type { JoinedSourceSpec, PassOptions, ReadingDeps, TargetSpec } from '../context.ts';
import { maxNamedRejections } from '../../model/reading/rejected-row.ts';
import type { JoinedSourceReport } from '../joins/joined-source-report.ts';
import { stageJoinedSources } from '../joins/read-joined-sources.ts';
import type { ReadingResult } from './reading-context.ts';
import { stageSource, type StagedSource } from './stage-source.ts';
import type { Interpretation } from './unchanged-reading.ts';
import { union, usedOfSeveral } from './used-attributes.ts';

/** A target with its mapping, compiled once per pass. */
export interface PreparedTarget {
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
}

/** The targets by name. */
export type PreparedTargets = ReadonlyMap<string, PreparedTarget>;

/** Whether a pass reads the sources that are due. */
export const readsSources = ({ onlyRequeued, byLastReading }: PassOptions): boolean =>
  onlyRequeued === undefined && byLastReading !== true;

/** The sources of a pass, read to their ends. */
export interface StagedSources {
  readonly prepared: PreparedTargets;
  /** The joined sources are committed with an accepted reading only. @throws SourceNeeded */
  commit(
    tx: ReadingTransaction,
  ): Promise<{ readonly reading: ReadingResult; readonly joinedSources: readonly JoinedSourceReport[] }>;
  close(): Promise<void>;
}

/** Reads the sources that are due. */
export async function stageSources(deps: ReadingDeps, options: PassOptions, stop: AbortSignal): Promise<StagedSources> {
  const primary = readsSources(options)
    ? ((await readingInUse(deps, options)) ?? (await stagePrimary(deps, options, stop)))
    : await lastReading(deps);
  try {
    const joined = readsSources(options)
      ? await stageJoinedSources(deps, mappingsOf(primary.prepared), options, stop)
      : undefined;
    return {
      get prepared() {
        return primary.prepared;
      },
      async commit(tx) {
        const reading = await primary.commit(tx);
        const joins = reading.kind === 'empty' ? undefined : await joined?.commit(tx, maxNamedRejections);
        return { reading, joinedSources: joins ?? [] };
      },
      async close() {
        try {
          await joined?.close();
        } finally {
          await primary.close();
        }
      },
    };
  } catch (error) {
    await primary.close();
    throw error;
  }
}

type StagedPrimary = StagedSource<PreparedTargets>;

/** The last accepted reading of a source that is not due; undefined: the source is read. */
async function readingInUse(deps: ReadingDeps, { notDue }: PassOptions): Promise<StagedPrimary | undefined> {
  const { store, source } = deps;
  const isInUse = source.name !== undefined && notDue?.has(source.name) === true;
  if (!isInUse || (await store.mirror.last()) === undefined) return undefined;
  const last = await lastReading(deps);
  return {
    ...last,
    async commit(tx) {
      const reading = await store.mirror.last();
      return {
        ...(await last.commit(tx)),
        rejected: reading?.rejected ?? 0,
        judgements: reading?.facts.judgements ?? [],
      };
    },
  };
}

/** The last reading, and the mappings for its attributes. */
async function lastReading({
  store,
  targets,
}: ReadingDeps): Promise<StagedPrimary & { commit(tx: ReadingTransaction): Promise<Accepted> }> {
  const columns = (await store.mirror.last())?.columns;
  return {
    prepared: compileMappings(targets, columns ?? { users: [], groups: [] }),
    async commit() {
      const number = (await store.mirror.last())?.number ?? 0;
      return { kind: 'accepted', number, rejected: 0, rejections: [], judgements: [] };
    },
    close: () => Promise.resolve(),
  };
}

type Accepted = Extract<ReadingResult, { kind: 'accepted' }>;

async function stagePrimary(deps: ReadingDeps, options: PassOptions, stop: AbortSignal): Promise<StagedPrimary> {
  const { store, source, targets, joinedSources = [] } = deps;
  // A server that went back in time is read completely until a reading of it is accepted.
  const wasRefused = (last: Reading): Promise<boolean> => store.journal.wasRefused('source.wentBack', last.completed);
  const hasRefusal = (since: Instant): Promise<boolean> => store.journal.hasRefusal(since);
  const before = (await store.mirror.last())?.columns.groups;
  const interpret = (columns: Columns): Interpretation<PreparedTargets> => {
    const prepared = compileMappings(targets, columns);
    const mappings = mappingsOf(prepared);
    const { users, groups } = unionOfUses(mappings, joinedSources);
    const hasOthers = joinedSources.some(({ hasGroups }) => hasGroups === true);
    return {
      prepared,
      mappings,
      uses: { users, groups: hasOthers ? usedOfSeveral(groups, columns.groups, before) : groups },
    };
  };
  return stageSource({ ...deps, wasRefused, hasRefusal }, { spec: source, targets, options, interpret }, stop);
}

export const mappingsOf = (prepared: PreparedTargets): readonly TargetMapping[] =>
  [...prepared.values()].map(({ mapping }) => mapping);

/** @throws OperatorError that lists the mistakes of all targets */
function compileMappings(targets: readonly TargetSpec[], columns: Columns): PreparedTargets {
  const compiled = new Map<string, PreparedTarget>();
  const mistakes: string[] = [];
  for (const spec of targets) {
    try {
      compiled.set(spec.name, { spec, mapping: spec.compileMapping(columns) });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      mistakes.push(error.message);
    }
  }
  if (mistakes.length > 0) throw new OperatorError('config.mapping', mistakes.join('\n'), 4);
  return compiled;
}

/** The source attributes that any of the targets or joins uses; undefined: all. */
export function unionOfUses(
  mappings: readonly TargetMapping[],
  joins: readonly Pick<JoinedSourceSpec, 'equals'>[],
): UsedAttributes {
  return {
    users: union([
      ...mappings.map(({ usedAttributes }) => usedAttributes.users),
      ...joins.map(({ equals }) => equals.usedAttributes),
    ]),
    groups: union(mappings.map(({ usedAttributes }) => usedAttributes.groups)),
  };
}
