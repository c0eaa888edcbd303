import type { TargetMapping } from '../../desired/target-mapping.ts';
import { ImplausibleReading, IncompleteReading } from '../../model/errors.ts';
import type { Columns, UsedAttributes } from '../../source/source.ts';
import type { JoinedFailure, JoinedSource } from '../../store/store.ts';
import type { JoinedSourceSpec, PassOptions, ReadingDeps } from '../context.ts';
import type { PassEvent } from '../events.ts';
import { openAndRead } from '../reading/open-and-read.ts';
import { judgeLostJoins } from '../../plan/reading/lost-joins.ts';
import { requireAccepted } from '../reading/require-accepted.ts';
import type { ReadDeps, ReadingResult } from '../read-source.ts';
import { union, usedOfSeveral } from '../reading/used-attributes.ts';
import { joinNewUsers, joinUsers, type JoinInput } from './join-users.ts';
import { reportOf, type JoinedSourceReport } from './joined-source-report.ts';
import { groupNameIn } from './project-groups.ts';

/**
 * Reads the joined sources, each completely or not at all, and joins the users of the primary source with them. A
 * reading that is not accepted changes nothing that depends on it, and the pass goes on. So does one after which many
 * users would have no record any more.
 */
export async function readJoinedSources(
  deps: ReadingDeps,
  mappings: readonly TargetMapping[],
  options: Pick<PassOptions, 'acceptSource' | 'full' | 'notDue'>,
  maxNamedRejections: number,
  stop: AbortSignal,
): Promise<readonly JoinedSourceReport[]> {
  const { store, joinedSources = [], source: primary } = deps;
  store.joinedSources.retain(joinedSources.map(({ name }) => name));
  const reports: JoinedSourceReport[] = [];
  for (const spec of joinedSources) {
    stop.throwIfAborted();
    const joined = store.joinedSources.open(spec.name);
    const input: JoinedInput = { mirror: store.mirror, primary, spec, joined };
    const last = (await joined.mirror.last())?.columns ?? { groups: [] };
    const usesIn = (columns: Pick<Columns, 'groups' | 'mapping'>): UsedAttributes =>
      usesOf(spec, mappings, columns, last.groups);
    if (await isReadingInUse(joined, spec, options)) {
      await joinNewUsers(input, usesIn(last));
      reports.push(await reportOf(joined, maxNamedRejections));
      continue;
    }
    const reading = await readAndJoin(deps, input, usesIn, options, stop);
    if ('failure' in reading) await joinNewUsers(input, usesIn(last));
    if ('failure' in reading) {
      const { code, message, since } = reading.failure;
      deps.emit({ type: 'notAccepted', code, message, since, source: spec.name });
    }
    joined.saveFailure('failure' in reading ? reading.failure : undefined);
    reports.push(await reportOf(joined, maxNamedRejections));
  }
  return reports;
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

type Accepted = Extract<ReadingResult, { kind: 'accepted' }>;

/** Reads a joined source and joins the users with it: both succeed, or the state stays as it was. */
async function readAndJoin(
  { store, clock, emit }: ReadingDeps,
  input: JoinedInput,
  usesIn: (columns: Columns) => UsedAttributes,
  { acceptSource, full }: Pick<PassOptions, 'acceptSource' | 'full'>,
  stop: AbortSignal,
): Promise<Accepted | { readonly failure: JoinedFailure }> {
  const { spec, joined } = input;
  const deps: ReadDeps = {
    store: { mirror: joined.mirror, keyChanges: undefined },
    clock,
    emit: (event: PassEvent) => emit({ ...event, source: spec.name }),
  };
  const { failure: earlier } = joined.state();
  // A server that went back in time is read completely until a reading of it is accepted.
  const wentBack = earlier?.code === 'source.wentBack';
  const hasRefusal = async (): Promise<boolean> => earlier !== undefined;
  // An operator accepted that the source has no users, now or in an earlier pass.
  const wasEmpty = (await joined.mirror.last()) !== undefined && (await joined.mirror.counts()).users === 0;
  const mayBeEmpty = acceptSource || wasEmpty;
  const failed = (failure: Omit<JoinedFailure, 'since'>): { readonly failure: JoinedFailure } => ({
    failure: {
      since: earlier?.since ?? clock.now(),
      ...failure,
    },
  });
  // The names by which a rejected row could mean a record.
  const identity = (attributes: Parameters<typeof spec.on.evaluate>[0]): Readonly<Record<string, string>> => {
    const value = spec.on.evaluate(attributes);
    return value === undefined ? {} : { userName: value };
  };
  try {
    const reading = await store.savepoint(async () => {
      const options = { acceptSource, full: full || wentBack, mayBeEmpty };
      const read = await openAndRead({ ...deps, hasRefusal }, spec, [], options, stop, (columns) => ({
        uses: usesIn(columns),
        prepared: usesIn(columns),
        mappings: [
          {
            identityValues: ({ attributes }) => identity(attributes),
            identify: ({ attributes }) => identity(attributes),
            mapsManager: false,
            managerOf: () => undefined,
            fingerprint: '',
          },
        ],
      }));
      if (read.reading.kind === 'accepted') {
        const judgements = judgeLostJoins(await joinUsers(input, read.prepared), spec.sanity);
        requireAccepted(judgements, { label: spec.source.label, emit: deps.emit, acceptImplausible: acceptSource });
      }
      return read.reading;
    });
    if (reading.kind === 'accepted') return reading;
    return failed({
      code: 'source.empty',
      message:
        `${spec.source.label} contains no users, so all users would lose what they have from it; nothing that ` +
        'depends on it was changed. Correct the source; the next pass reads it again. If the source is right, accept ' +
        'this one reading with "scimsync sync --accept-source".',
    });
  } catch (error) {
    if (!(error instanceof IncompleteReading)) throw error;
    return failed({
      code: error.code,
      message: error.describe('nothing that depends on it was changed'),
      ...(error instanceof ImplausibleReading ? { judgements: error.judgements } : {}),
    });
  }
}
