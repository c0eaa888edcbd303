import { IncompleteReading, FullReadRequired } from '../model/errors.ts';
import type { Instant } from '../model/ids.ts';
import type { Clock } from '../model/clock.ts';
import { duplicateKeyReason } from '../plan/duplicate-key.ts';
import { blankedAttributes, implausibilities, type ReadingComparison } from '../plan/sanity.ts';
import type { OpenSource, SourceReading, UsedAttributes } from '../source/source.ts';
import type { StagedReading, StagingSummary, Reading, Rejection, Store } from '../store/store.ts';
import type { Emit } from './events.ts';
import type { SourceSpec } from './context.ts';

/** The result of reading the source. */
export type ReadingResult =
  | {
      readonly kind: 'accepted';
      readonly number: number;
      readonly rejected: number;
      readonly rejections: readonly Rejection[];
    }
  /** The source returned no users: the mirror stays unchanged, and all resulting removals are held. */
  | { readonly kind: 'empty'; readonly before: number };

/** Dependencies of `readSource`. */
export interface ReadDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** Options of one reading. */
export interface ReadingOptions {
  /** Skips the plausibility checks. */
  readonly acceptImplausible: boolean;
  /** Reads everything, even if the source could report changes. */
  readonly full: boolean;
}

/**
 * Reads the source into the mirror, completely or not at all. Runs inside the caller's transaction, which an error
 * rolls back.
 *
 * @throws IncompleteReading if the source could not be read to its end, or is implausible without `acceptImplausible`
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
    return { kind: 'accepted', number: last.number, rejected: 0, rejections: [] };
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
    deps.emit({ type: 'fullReadRequired', reason: result.retryReason });
    startFrom = undefined;
  }
  throw new IncompleteReading(
    'source.inconsistent',
    `${spec.source.label} contradicts itself in ${maxAttempts} readings; nothing was planned or changed. ` +
      'The next pass reads it again.',
  );
}

/** One incremental read, then one full read. */
const maxAttempts = 2;

/**
 * Whether the source is the same as in the last reading. Rejected rows are read and reported again until they are
 * corrected.
 */
function isUnchanged(last: Reading, open: OpenSource, signature: string): boolean {
  return (
    open.fingerprint !== undefined &&
    last.fingerprint === open.fingerprint &&
    last.signature === signature &&
    last.rejected === 0
  );
}

/**
 * The bookmark from which the reading can continue. undefined: a full read is necessary, because the configuration of
 * the source changed, rows were rejected, or the last full read is too old.
 */
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

/** @returns the result, or why a full read is necessary */
async function readOnce(
  context: ReadContext,
  since: string | undefined,
  signal: AbortSignal,
): Promise<ReadingResult | Retry> {
  const { deps, spec, open, uses, parseAll } = context;
  const reading = await open.read(uses, since, signal);
  if (reading.fullReadReason !== undefined) deps.emit({ type: 'fullReadRequired', reason: reading.fullReadReason });
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
        `${spec.source.label}: all ${rejected} rows were rejected; nothing was planned or changed. ` +
          'Correct the rows; the next pass reads the source again.',
      );
    return { kind: 'empty', before: before.users };
  }
  requirePlausible(context, summary);
  // Rejected rows are read again until they are corrected, so the next reading is a full one.
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
  return { kind: 'accepted', number, rejected, rejections };
}

function requirePlausible({ spec, acceptImplausible }: ReadContext, summary: StagingSummary & ReadingComparison): void {
  const [first, ...others] = acceptImplausible ? [] : implausibilities(summary, spec.sanity);
  if (first === undefined) return;
  const reasons = [first, ...others].map(({ reason }) => reason);
  throw new IncompleteReading(
    first.code,
    `${spec.source.label}: this reading is implausible, nothing was planned: ${reasons.join('; ')}. ` +
      'If the source is right, accept this one reading with "scimsync sync --accept-source".',
  );
}
