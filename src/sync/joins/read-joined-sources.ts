import type { TargetMapping } from '../../desired/target-mapping.ts';
import { ImplausibleReading, IncompleteReading } from '../../model/errors.ts';
import type { Columns, UsedAttributes } from '../../source/source.ts';
import type { JoinedFailure, JoinedSource, ReadingTransaction } from '../../store/store.ts';
import type { JoinedSourceSpec, PassOptions, ReadingDeps } from '../context.ts';
import type { PassEvent } from '../events.ts';
import { SourceNeeded } from '../reading/commit-readings.ts';
import { stageSource, type StagedSource } from '../reading/stage-source.ts';
import type { Interpretation } from '../reading/unchanged-reading.ts';
import { judgeLostJoins } from '../../plan/reading/lost-joins.ts';
import { requireAccepted } from '../reading/require-accepted.ts';
import type { ReadDeps, ReadingResult } from '../reading/reading-context.ts';
import { union, usedOfSeveral } from '../reading/used-attributes.ts';
import { joinNewUsers, joinUsers, type JoinInput } from './join-users.ts';
import { reportOf, type JoinedSourceReport } from './joined-source-report.ts';
import { groupNameIn } from './project-groups.ts';

/** The joined sources of a pass, read to their ends. */
export interface StagedJoinedSources {
  /**
   * Commits the readings, each completely or not at all, and joins the users of the primary source with them. A reading
   * that is not accepted changes nothing that depends on it, and the pass goes on. So does one after which many users
   * would have no record any more. Runs inside the transaction that has committed the primary source: no target sees
   * new users without their records.
   *
   * @throws SourceNeeded
   */
  commit(tx: ReadingTransaction, maxNamedRejections: number): Promise<readonly JoinedSourceReport[]>;
  close(): Promise<void>;
}

type JoinedOptions = Pick<PassOptions, 'acceptSource' | 'full' | 'notDue'>;

/** A joined source that is read, or whose reading failed. */
interface StagedJoin {
  readonly input: JoinedInput;
  readonly usesIn: (columns: Pick<Columns, 'groups' | 'mapping'>) => UsedAttributes;
  /** Of its last accepted reading. */
  readonly columns: Pick<Columns, 'groups' | 'mapping'>;
  /** Undefined: the pass uses its last reading. */
  readonly reading: JoinedReading | undefined;
}

/** Reads the joined sources. Their mirrors stay as they are. */
export async function stageJoinedSources(
  deps: ReadingDeps,
  mappings: readonly TargetMapping[],
  options: JoinedOptions,
  stop: AbortSignal,
): Promise<StagedJoinedSources> {
  const { store, joinedSources = [], source: primary } = deps;
  const staged: StagedJoin[] = [];
  const close = async (): Promise<void> => {
    for (const { reading } of staged) await reading?.close();
  };
  try {
    for (const spec of joinedSources) {
      stop.throwIfAborted();
      const joined = await store.reading(async ({ joinedSources: sources }) => sources.open(spec.name));
      const input: JoinedInput = { mirror: store.mirror, primary, spec, joined };
      const columns = (await joined.mirror.last())?.columns ?? { users: [], groups: [] };
      const usesIn: StagedJoin['usesIn'] = (now) => usesOf(spec, mappings, now, columns.groups);
      const isInUse = await isReadingInUse(joined, spec, options);
      const reading = isInUse ? undefined : await stageJoined(deps, input, usesIn, options, stop);
      staged.push({ input, usesIn, columns, reading });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async commit(tx, maxNamedRejections) {
      tx.joinedSources.retain(joinedSources.map(({ name }) => name));
      const reports: JoinedSourceReport[] = [];
      for (const one of staged) reports.push(await commitJoined(deps, one, maxNamedRejections));
      return reports;
    },
    close,
  };
}

async function commitJoined(
  { emit }: ReadingDeps,
  { input, usesIn, columns, reading }: StagedJoin,
  maxNamedRejections: number,
): Promise<JoinedSourceReport> {
  const { joined, spec } = input;
  if (reading === undefined) {
    await joinNewUsers(input, usesIn(columns));
    return reportOf(joined, maxNamedRejections);
  }
  const failure = await reading.commit();
  if (failure !== undefined) {
    await joinNewUsers(input, usesIn(columns));
    const { code, message, since } = failure;
    emit({ type: 'notAccepted', code, message, since, source: spec.name });
  }
  joined.saveFailure(failure);
  return reportOf(joined, maxNamedRejections);
}

/** Whether the pass uses the last reading: the source is not due, and its last reading was accepted. */
const isReadingInUse = async (
  joined: JoinedSource,
  { name }: JoinedSourceSpec,
  { notDue }: Pick<PassOptions, 'notDue'>,
): Promise<boolean> =>
  notDue?.has(name) === true && joined.state().failure === undefined && (await joined.mirror.last()) !== undefined;

/**
 * The attributes that the targets and the join read, in a source with these columns.
 *
 * @param before the attributes of groups in its last accepted reading
 */
export function usesOf(
  spec: Pick<JoinedSourceSpec, 'name' | 'on' | 'groupName' | 'hasGroups'>,
  mappings: readonly TargetMapping[],
  columns: Pick<Columns, 'groups' | 'mapping'>,
  before: readonly string[] | undefined,
): UsedAttributes {
  const { name, on, hasGroups } = spec;
  return {
    users: union([on.usedAttributes, ...mappings.map(({ usedAttributes: { joined } }) => attributesIn(joined, name))]),
    groups:
      hasGroups === true
        ? usedOfSeveral(
            union([
              groupNameIn(columns, spec).usedAttributes,
              ...mappings.map(({ usedAttributes: { groups } }) => groups),
            ]),
            columns.groups,
            before,
          )
        : new Set(),
  };
}

const attributesIn = (
  joined: TargetMapping['usedAttributes']['joined'],
  name: string,
): ReadonlySet<string> | undefined => (joined.has(name) ? joined.get(name) : new Set());

type JoinedInput = JoinInput & { readonly spec: JoinedSourceSpec };

/** A reading of a joined source. */
interface JoinedReading {
  /**
   * Commits it and joins the users with it: both succeed, or the state stays as it was.
   *
   * @returns why it was not accepted; undefined: it was
   * @throws SourceNeeded
   */
  commit(): Promise<JoinedFailure | undefined>;
  close(): Promise<void>;
}

async function stageJoined(
  { store, clock, emit }: ReadingDeps,
  input: JoinedInput,
  usesIn: (columns: Columns) => UsedAttributes,
  { acceptSource, full }: Pick<PassOptions, 'acceptSource' | 'full'>,
  stop: AbortSignal,
): Promise<JoinedReading> {
  const { spec, joined } = input;
  const deps: ReadDeps = {
    store: {
      mirror: joined.mirror,
      keyChanges: undefined,
      reading: (work) => store.reading(() => work({ mirror: joined.mirror, keyChanges: undefined })),
    },
    clock,
    emit: (event: PassEvent) => emit({ ...event, source: spec.name }),
  };
  const { failure: earlier } = joined.state();
  // A server that went back in time is read completely until a reading of it is accepted.
  const wentBack = earlier?.code === 'source.wentBack';
  const hasRefusal = async (): Promise<boolean> => earlier !== undefined;
  // An operator accepted that the source has no users, now or in an earlier pass.
  const wasEmpty = (await joined.mirror.last()) !== undefined && (await joined.mirror.counts()).users === 0;
  const options = { acceptSource, full: full || wentBack, mayBeEmpty: acceptSource || wasEmpty };
  const failed = (failure: Omit<JoinedFailure, 'since'>): JoinedFailure => ({
    since: earlier?.since ?? clock.now(),
    ...failure,
  });
  /** The failure of a source that was not read to its end, or not accepted; other errors are thrown. */
  const failureOf = (error: unknown): JoinedFailure => {
    if (!(error instanceof IncompleteReading)) throw error;
    return failed({
      code: error.code,
      message: error.describe('nothing that depends on it was changed'),
      ...(error instanceof ImplausibleReading ? { judgements: error.judgements } : {}),
    });
  };
  const interpret = (columns: Columns): Interpretation<UsedAttributes> => ({
    uses: usesIn(columns),
    prepared: usesIn(columns),
    mappings: [identityOf(spec)],
  });
  let staged: StagedSource<UsedAttributes> | { readonly failure: JoinedFailure };
  try {
    staged = await stageSource({ ...deps, hasRefusal }, { spec, targets: [], options, interpret }, stop);
  } catch (error) {
    staged = { failure: failureOf(error) };
  }
  const commitAndJoin = async (source: StagedSource<UsedAttributes>): Promise<ReadingResult> => {
    const reading = await source.commit({ mirror: joined.mirror, keyChanges: undefined });
    if (reading.kind === 'accepted') {
      const judgements = judgeLostJoins(await joinUsers(input, source.prepared), spec.sanity);
      requireAccepted(judgements, { label: spec.source.label, emit: deps.emit, acceptImplausible: acceptSource });
    }
    return reading;
  };
  return {
    async commit() {
      if ('failure' in staged) return staged.failure;
      const source = staged;
      try {
        const { kind } = await store.reading(() => commitAndJoin(source));
        return kind === 'accepted' ? undefined : failed(emptySource(spec));
      } catch (error) {
        if (!(error instanceof SourceNeeded)) return failureOf(error);
        throw new SourceNeeded(async () => {
          try {
            await error.ask();
          } catch (failure) {
            await source.close();
            staged = { failure: failureOf(failure) };
          }
        });
      }
    },
    close: async () => {
      if (!('failure' in staged)) await staged.close();
    },
  };
}

/** The names by which a rejected row could mean a record. */
function identityOf({ on }: JoinedSourceSpec): Interpretation<unknown>['mappings'][number] {
  const identity = (attributes: Parameters<typeof on.evaluate>[0]): Readonly<Record<string, string>> => {
    const value = on.evaluate(attributes);
    return value === undefined ? {} : { userName: value };
  };
  return {
    identityValues: ({ attributes }) => identity(attributes),
    identify: ({ attributes }) => identity(attributes),
    mapsManager: false,
    managerOf: () => undefined,
    fingerprint: '',
  };
}

const emptySource = ({ source }: JoinedSourceSpec): Omit<JoinedFailure, 'since'> => ({
  code: 'source.empty',
  message:
    `${source.label} contains no users, so all users would lose what they have from it; nothing that ` +
    'depends on it was changed. Correct the source; the next pass reads it again. If the source is right, accept ' +
    'this one reading with "scimsync sync --accept-source".',
});
