import { FullReadRequired, IncompleteReading, InvariantError } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import type { OpenSource, SourceReading, UsedAttributes } from '../../source/source.ts';
import type { Reading, StagedReading } from '../../store/store.ts';
import type { SourceSpec } from '../context.ts';
import { createAnswers, SourceNeeded } from './commit-readings.ts';
import { commitIfPlausible, type StagedRows } from './judge-and-commit.ts';
import { applyKeyForm } from './key-form.ts';
import {
  acceptanceIn,
  type MirrorTransaction,
  type ReadContext,
  type ReadDeps,
  type ReadingOptions,
  type ReadingResult,
} from './reading-context.ts';
import { requireAccepted } from './require-accepted.ts';
import { isUnchanged } from './same-source.ts';
import { stagingOptions } from './staging-options.ts';

/** A reading that was staged to its end. */
export interface StagedSourceReading {
  /** The reading that the mirror held when the staging began. */
  readonly last: Reading | undefined;
  /**
   * Judges what was staged, and commits it to the mirror. Runs inside the caller's transaction, which an error rolls
   * back; it may run again then.
   *
   * @throws IncompleteReading if the reading is implausible without `acceptImplausible`
   * @throws SourceNeeded
   */
  commit(tx: MirrorTransaction): Promise<ReadingResult>;
  /** Removes what was staged. */
  discard(): Promise<void>;
}

/**
 * Reads the source to its end, and stages what differs from the mirror: each batch in a transaction of its own, so that
 * the writes of lanes wait for a batch at most.
 *
 * @throws IncompleteReading if the source could not be read to its end
 */
export async function stageReading(
  deps: ReadDeps,
  spec: SourceSpec,
  open: OpenSource,
  uses: UsedAttributes,
  options: ReadingOptions,
  signal: AbortSignal,
): Promise<StagedSourceReading> {
  const keyJudgements = await applyKeyForm(deps, spec, options.acceptImplausible);
  const last = await deps.store.mirror.last();
  const signature = open.signature(uses);
  const at = options.at ?? deps.clock.now();
  const hasKeyChanges = (deps.store.keyChanges?.pending().total ?? 0) > 0;
  if (last !== undefined && !hasKeyChanges && isUnchanged(last, open, { signature, spec, at }))
    return {
      last,
      async commit() {
        deps.emit({ type: 'read', unchanged: true, ...(await deps.store.mirror.counts()) });
        const { judgements = [] } = last.facts;
        return { kind: 'accepted', number: last.number, rejected: 0, rejections: [], judgements };
      },
      discard: () => Promise.resolve(),
    };
  deps.emit({ type: 'reading', label: spec.source.label });
  const resumeFrom =
    options.full || hasKeyChanges ? undefined : resumableBookmark(last, signature, deps.clock.now(), spec.fullEveryMs);
  const context: ReadContext = {
    deps,
    spec,
    open,
    uses,
    options: { ...options, judgements: [...options.judgements, ...keyJudgements] },
    last,
    signature,
    at,
    // A row that lost against another one is not in the mirror, and the order of the rows may have changed.
    parseAll: last?.signature !== signature || spec.rows !== undefined,
  };
  const attempts = createAttempts(context, signal);
  await attempts.stage(resumeFrom);
  return { last, commit: attempts.commit, discard: attempts.discard };
}

/** The readings of one open source: an incremental one, then a complete one. */
interface Attempts {
  stage(since: string | undefined): Promise<void>;
  commit(tx: MirrorTransaction): Promise<ReadingResult>;
  discard(): Promise<void>;
}

interface Attempt extends StagedRows {
  /** Takes back what an earlier judgement counted, which was rolled back. */
  readonly restore: () => void;
}

function createAttempts(context: ReadContext, signal: AbortSignal): Attempts {
  const { deps, spec } = context;
  let count = 0;
  let current: Attempt | undefined;
  const discard = async (): Promise<void> => {
    const staged = current?.staged;
    current = undefined;
    if (staged !== undefined) await deps.store.reading(() => staged.discard());
  };
  const readAgain = async (reason: string): Promise<void> => {
    await discard();
    if (count === maxAttempts)
      throw new IncompleteReading(
        'source.inconsistent',
        (consequence) =>
          `${spec.source.label} contradicts itself in ${maxAttempts} readings; ${consequence}. ` +
          'The next pass reads it again.',
      );
    deps.emit({ type: 'fullReadRequired', reason });
    await stage(undefined);
  };
  const onFailure = async (error: unknown): Promise<void> => {
    if (!(error instanceof FullReadRequired)) throw error;
    await readAgain(error.message);
  };
  const stage = async (since: string | undefined): Promise<void> => {
    count += 1;
    try {
      current = { ...(await stageOnce(context, since, signal)), answers: createAnswers(onFailure) };
    } catch (error) {
      await onFailure(error);
    }
  };
  return {
    stage,
    async commit(tx) {
      if (current === undefined) throw new InvariantError(`${spec.source.label} was not staged`);
      current.restore();
      const result = await commitIfPlausible(context, current, tx, signal);
      if ('retryReason' in result) throw new SourceNeeded(() => readAgain(result.retryReason));
      return result;
    },
    discard,
  };
}

/** One incremental reading, then one complete one. */
const maxAttempts = 2;

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

/** @throws FullReadRequired */
async function stageOnce(
  context: ReadContext,
  since: string | undefined,
  signal: AbortSignal,
): Promise<Omit<Attempt, 'answers'>> {
  const { deps, open, uses } = context;
  const { store } = deps;
  const reading = await open.read(uses, since, signal);
  if (reading.fullReadReason !== undefined) deps.emit({ type: 'fullReadRequired', reason: reading.fullReadReason });
  requireAccepted(reading.judgements ?? [], acceptanceIn(context));
  const staged = await store.reading(({ mirror }) => mirror.openStaging(stagingOptions(context, reading.extent)));
  try {
    await stageBatches(deps, staged, reading.batchesBeside?.(staged.blocks) ?? reading.batches, signal);
    const staleReferences = await store.reading(() => staged.staleReferences());
    if (staleReferences !== undefined && reading.reread !== undefined)
      await stageBatches(deps, staged, reading.reread(staleReferences, signal), signal);
    return { reading, staged, restore: staged.remember() };
  } catch (error) {
    await store.reading(() => staged.discard());
    throw error;
  }
}

async function stageBatches(
  { store }: ReadDeps,
  staged: StagedReading,
  batches: SourceReading['batches'],
  signal: AbortSignal,
): Promise<void> {
  for await (const batch of batches) {
    signal.throwIfAborted();
    const { part, removed } = batch;
    const changedIndices = await staged.changedRows(part, batch.rows, batch.blocks);
    if (removed === undefined && changedIndices.length === 0) continue;
    const rows = changedIndices.map((index) => batch.rows[index]).filter((row) => row !== undefined);
    const parsed = rows.length === 0 ? [] : batch.parse(changedIndices);
    await store.reading(async () => {
      if (removed !== undefined) await staged.stageRemovals(part, removed);
      await staged.stage(part, rows, parsed);
    });
  }
}
