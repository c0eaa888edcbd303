import { IncompleteReading } from '../model/errors.ts';
import type { Clock } from '../model/world.ts';
import { insane } from '../plan/sanity.ts';
import type { OpenSource, Uses } from '../source/source.ts';
import type { Intake, Reading, Rejection, Store } from '../store/store.ts';
import type { Emit } from './events.ts';
import type { SourceSpec } from './spec.ts';

/** What a reading came to. */
export type ReadingResult =
  | { readonly kind: 'believed'; readonly number: number; readonly rejected: number; readonly rejections: readonly Rejection[] }
  /** The source gave nobody at all: the mirror stays, and every removal that this would mean is held. */
  | { readonly kind: 'empty'; readonly before: number };

export interface ReadingIo {
  readonly store: Store;
  readonly clock: Clock;
  readonly emit: Emit;
}

/**
 * Reads the source into the mirror, whole or not at all. Runs inside the caller's transaction.
 *
 * @throws IncompleteReading where it could not be read to its end, or came out unbelievable and `acceptAnything` is not set
 */
export async function takeReading(
  io: ReadingIo, spec: SourceSpec, open: OpenSource, uses: Uses, acceptAnything: boolean, signal: AbortSignal,
): Promise<ReadingResult> {
  const last = await io.store.mirror.last();
  const shape = open.shape(uses);
  if (last !== undefined && isUnchanged(last, open, shape)) {
    io.emit({ type: 'read', unchanged: true, ...(await io.store.mirror.counts()) });
    return { kind: 'believed', number: last.number, rejected: 0, rejections: [] };
  }
  io.emit({ type: 'reading', label: spec.source.label });
  const intake = await io.store.mirror.intake({
    parseAll: last?.shape !== shape, groupsFromColumn: spec.groupsFromColumn, relevant: uses.users,
  });
  try {
    await fill(intake, open, uses, signal);
    return await judge(io, spec, open, shape, intake, acceptAnything);
  } finally {
    await intake.discard();
  }
}

/** A reading with rejected rows is taken again until they are mended, so that nobody forgets them. */
function isUnchanged(last: Reading, open: OpenSource, shape: string): boolean {
  return last.fingerprint === open.fingerprint && last.shape === shape && last.rejected === 0;
}

async function fill(intake: Intake, open: OpenSource, uses: Uses, signal: AbortSignal): Promise<void> {
  for await (const batch of open.read(uses, signal)) {
    signal.throwIfAborted();
    const differing = await intake.match(batch.part, batch.rows);
    if (differing.length === 0) continue;
    const rows = differing.map((index) => batch.rows[index]).filter((row) => row !== undefined);
    await intake.take(batch.part, rows, batch.parse(differing));
  }
}

async function judge(
  io: ReadingIo, spec: SourceSpec, open: OpenSource, shape: string, intake: Intake, acceptAnything: boolean,
): Promise<ReadingResult> {
  const summary = await intake.summary();
  const { before, after, rejected, rejections } = summary;
  if (rejected > 0) io.emit({ type: 'rejected', total: rejected, rejections });
  if (after.users === 0) {
    if (rejected > 0) throw new IncompleteReading(`${spec.source.label}: not one row could be read, ${rejected} were rejected; nothing was planned, everything stays as it is`);
    return { kind: 'empty', before: before.users };
  }
  const reasons = acceptAnything ? [] : insane(summary, spec.sanity);
  if (reasons.length > 0) {
    throw new IncompleteReading(`${spec.source.label}: this reading is not believed, nothing was planned: ${reasons.join('; ')}. ` +
      'If the source is right, let this one reading through with "scimsync sync --accept-source".');
  }
  const number = await intake.believe({ at: io.clock.now(), fingerprint: open.fingerprint, shape, columns: open.columns });
  io.emit({ type: 'read', unchanged: false, ...(await io.store.mirror.counts()) });
  return { kind: 'believed', number, rejected, rejections };
}
