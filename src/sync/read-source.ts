import { IncompleteReading, FullReadRequired } from '../model/errors.ts';
import type { Instant } from '../model/ids.ts';
import type { Clock } from '../model/clock.ts';
import { duplicateKeyReason } from '../plan/duplicate-key.ts';
import { blankedAttributes, implausibilities, type ReadingComparison } from '../plan/sanity.ts';
import type { OpenSource, SourceReading, UsedAttributes } from '../source/source.ts';
import type { StagedReading, StagingSummary, Reading, Rejection, Store } from '../store/store.ts';
import type { Emit } from './events.ts';
import type { SourceSpec } from './context.ts';

/** What a reading came to. */
export type ReadingResult =
  | {
      readonly kind: 'believed';
      readonly number: number;
      readonly rejected: number;
      readonly rejections: readonly Rejection[];
    }
  /** The source gave nobody at all: the mirror stays, and every removal that this would mean is held. */
  | { readonly kind: 'empty'; readonly before: number };

export interface ReadDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface ReadingOptions {
  /** Believes whatever it says. */
  readonly acceptImplausible: boolean;
  /** Reads everything, although the source could say what changed. */
  readonly full: boolean;
}

/**
 * Reads the source into the mirror, whole or not at all. Runs inside the caller's transaction, which a throw takes back.
 *
 * @throws IncompleteReading where it could not be read to its end, or came out unbelievable and `acceptImplausible` is not set
 */
export async function readSource(
  deps: ReadDeps,
  spec: SourceSpec,
  open: OpenSource,
  uses: UsedAttributes,
  options: ReadingOptions,
  signal: AbortSignal,
): Promise<ReadingResult> {
  const last = await deps.store.mirror.last();
  const signature = open.signature(uses);
  if (last !== undefined && isUnchanged(last, open, signature)) {
    deps.emit({ type: 'read', unchanged: true, ...(await deps.store.mirror.counts()) });
    return { kind: 'believed', number: last.number, rejected: 0, rejections: [] };
  }
  deps.emit({ type: 'reading', label: spec.source.label });
  const resumeFrom = options.full ? undefined : resumableBookmark(last, signature, deps.clock.now(), spec.fullEveryMs);
  const context: ReadContext = {
    deps,
    spec,
    open,
    uses,
    acceptImplausible: options.acceptImplausible,
    signature,
    parseAll: last?.signature !== signature,
  };
  let startFrom = resumeFrom;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const result = await readOnce(context, startFrom, signal);
    if (!('retryReason' in result)) return result;
    deps.emit({ type: 'everything', reason: result.retryReason });
    startFrom = undefined;
  }
  throw new IncompleteReading(
    'source.inconsistent',
    `${spec.source.label} contradicts itself in ${maxAttempts} readings; nothing was planned, everything stays as it is.`,
  );
}

/** Changes, then everything. */
const maxAttempts = 2;

/** A reading with rejected rows is taken again until they are mended, so that nobody forgets them. */
function isUnchanged(last: Reading, open: OpenSource, signature: string): boolean {
  return (
    open.fingerprint !== undefined &&
    last.fingerprint === open.fingerprint &&
    last.signature === signature &&
    last.rejected === 0
  );
}

/** Where a reading may go on; undefined where everything must be read: it means something else now, or was last read whole too long ago. */
function resumableBookmark(
  last: Reading | undefined,
  signature: string,
  now: Instant,
  fullEveryMs: number,
): string | undefined {
  const canResume =
    last !== undefined && last.signature === signature && last.rejected === 0 && now - last.completed < fullEveryMs;
  return canResume ? last.bookmark : undefined;
}

interface Retry {
  readonly retryReason: string;
}

interface ReadContext {
  readonly deps: ReadDeps;
  readonly spec: SourceSpec;
  readonly open: OpenSource;
  readonly uses: UsedAttributes;
  readonly acceptImplausible: boolean;
  readonly signature: string;
  readonly parseAll: boolean;
}

/** @returns why everything must be read once more, where it must */
async function readOnce(
  context: ReadContext,
  since: string | undefined,
  signal: AbortSignal,
): Promise<ReadingResult | Retry> {
  const { deps, spec, open, uses, parseAll } = context;
  const reading = await open.read(uses, since, signal);
  if (reading.fullReadReason !== undefined) deps.emit({ type: 'everything', reason: reading.fullReadReason });
  const staged = await deps.store.mirror.openStaging({
    parseAll,
    groupsFromColumn: spec.groupsFromColumn,
    blankedAttributes: (before, now) => blankedAttributes(before, now, uses.users),
    duplicateKeyReason,
    extent: reading.extent,
    referenceOptions: open.referenceOptions,
  });
  try {
    await stageBatches(staged, reading.batches, signal);
    const staleReferences = await staged.staleReferences();
    if (staleReferences !== undefined && reading.reread !== undefined)
      await stageBatches(staged, reading.reread(staleReferences, signal), signal);
    return await commitIfPlausible(context, reading, staged);
  } catch (error) {
    if (error instanceof FullReadRequired) return { retryReason: error.message };
    throw error;
  } finally {
    await staged.discard();
  }
}

async function stageBatches(
  staged: StagedReading,
  batches: SourceReading['batches'],
  signal: AbortSignal,
): Promise<void> {
  for await (const batch of batches) {
    signal.throwIfAborted();
    if (batch.removed !== undefined) await staged.stageRemovals(batch.part, batch.removed);
    const changedIndices = await staged.changedRows(batch.part, batch.rows);
    if (changedIndices.length === 0) continue;
    const rows = changedIndices.map((index) => batch.rows[index]).filter((row) => row !== undefined);
    await staged.stage(batch.part, rows, batch.parse(changedIndices));
  }
}

async function commitIfPlausible(
  context: ReadContext,
  reading: SourceReading,
  staged: StagedReading,
): Promise<ReadingResult | Retry> {
  const { deps, spec, open, signature } = context;
  const summary = await staged.summary();
  const { before, after, rejected, rejections } = summary;
  if (summary.inconsistency !== undefined) return { retryReason: summary.inconsistency };
  if (rejected > 0) deps.emit({ type: 'rejected', total: rejected, rejections });
  if (after.users === 0) {
    if (rejected > 0)
      throw new IncompleteReading(
        'source.allRejected',
        `${spec.source.label}: not one row could be read, ${rejected} were rejected; nothing was planned, everything stays as it is`,
      );
    return { kind: 'empty', before: before.users };
  }
  requirePlausible(context, summary);
  // After a rejected row everything is read again until it is mended.
  const bookmark = rejected > 0 ? undefined : reading.bookmark();
  const { number, isChanged, memberships } = await staged.commit({
    at: deps.clock.now(),
    fingerprint: open.fingerprint ?? '',
    signature,
    columns: open.columns,
    bookmark,
  });
  if (open.referenceOptions !== undefined && isChanged)
    requirePlausible(context, { ...summary, after: { ...after, memberships } });
  deps.emit({ type: 'read', unchanged: !isChanged, ...(isChanged ? await deps.store.mirror.counts() : before) });
  return { kind: 'believed', number, rejected, rejections };
}

function requirePlausible({ spec, acceptImplausible }: ReadContext, summary: StagingSummary & ReadingComparison): void {
  const [first, ...others] = acceptImplausible ? [] : implausibilities(summary, spec.sanity);
  if (first === undefined) return;
  const reasons = [first, ...others].map(({ reason }) => reason);
  throw new IncompleteReading(
    first.code,
    `${spec.source.label}: this reading is not believed, nothing was planned: ${reasons.join('; ')}. ` +
      'If the source is right, let this one reading through with "scimsync sync --accept-source".',
  );
}
