import { IncompleteReading, ReadAgain } from '../model/errors.ts';
import type { Instant } from '../model/ids.ts';
import type { Clock } from '../model/world.ts';
import { insane, type ReadingChange } from '../plan/sanity.ts';
import type { OpenSource, SourceReading, Uses } from '../source/source.ts';
import type { Intake, IntakeSummary, Reading, Rejection, Store } from '../store/store.ts';
import type { Emit } from './events.ts';
import type { SourceSpec } from './spec.ts';

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

export interface ReadingIo {
  readonly store: Store;
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface ReadingOptions {
  /** Believes whatever it says. */
  readonly acceptAnything: boolean;
  /** Reads everything, although the source could say what changed. */
  readonly everything: boolean;
}

/**
 * Reads the source into the mirror, whole or not at all. Runs inside the caller's transaction, which a throw takes back.
 *
 * @throws IncompleteReading where it could not be read to its end, or came out unbelievable and `acceptAnything` is not set
 */
export async function takeReading(
  io: ReadingIo,
  spec: SourceSpec,
  open: OpenSource,
  uses: Uses,
  options: ReadingOptions,
  signal: AbortSignal,
): Promise<ReadingResult> {
  const last = await io.store.mirror.last();
  const shape = open.shape(uses);
  if (last !== undefined && isUnchanged(last, open, shape)) {
    io.emit({ type: 'read', unchanged: true, ...(await io.store.mirror.counts()) });
    return { kind: 'believed', number: last.number, rejected: 0, rejections: [] };
  }
  io.emit({ type: 'reading', label: spec.source.label });
  const since = options.everything ? undefined : sinceWhen(last, shape, io.clock.now(), spec.fullEveryMs);
  const taken: Taken = {
    io,
    spec,
    open,
    uses,
    acceptAnything: options.acceptAnything,
    shape,
    parseAll: last?.shape !== shape,
  };
  let again = since;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const result = await take(taken, again, signal);
    if (!('again' in result)) return result;
    io.emit({ type: 'everything', reason: result.again });
    again = undefined;
  }
  throw new IncompleteReading(
    `${spec.source.label} contradicts itself in ${mostTries} readings; nothing was planned, everything stays as it is.`,
  );
}

/** Changes, then everything. */
const mostTries = 2;

/** A reading with rejected rows is taken again until they are mended, so that nobody forgets them. */
function isUnchanged(last: Reading, open: OpenSource, shape: string): boolean {
  return (
    open.fingerprint !== undefined &&
    last.fingerprint === open.fingerprint &&
    last.shape === shape &&
    last.rejected === 0
  );
}

/** Where a reading may go on; undefined where everything must be read: it means something else now, or was last read whole too long ago. */
function sinceWhen(last: Reading | undefined, shape: string, now: Instant, fullEveryMs: number): string | undefined {
  const mayGoOn =
    last !== undefined && last.shape === shape && last.rejected === 0 && now - last.completed < fullEveryMs;
  return mayGoOn ? last.bookmark : undefined;
}

interface Again {
  readonly again: string;
}

interface Taken {
  readonly io: ReadingIo;
  readonly spec: SourceSpec;
  readonly open: OpenSource;
  readonly uses: Uses;
  readonly acceptAnything: boolean;
  readonly shape: string;
  readonly parseAll: boolean;
}

/** @returns why everything must be read once more, where it must */
async function take(taken: Taken, since: string | undefined, signal: AbortSignal): Promise<ReadingResult | Again> {
  const { io, spec, open, uses, parseAll } = taken;
  const reading = await open.read(uses, since, signal);
  if (reading.why !== undefined) io.emit({ type: 'everything', reason: reading.why });
  const intake = await io.store.mirror.intake({
    parseAll,
    groupsFromColumn: spec.groupsFromColumn,
    relevant: uses.users,
    extent: reading.extent,
    links: open.links,
  });
  try {
    await fill(intake, reading.batches, signal);
    const unsaid = await intake.unsaid();
    if (unsaid !== undefined && reading.again !== undefined) await fill(intake, reading.again(unsaid, signal), signal);
    return await judge(taken, reading, intake);
  } catch (error) {
    if (error instanceof ReadAgain) return { again: error.message };
    throw error;
  } finally {
    await intake.discard();
  }
}

async function fill(intake: Intake, batches: SourceReading['batches'], signal: AbortSignal): Promise<void> {
  for await (const batch of batches) {
    signal.throwIfAborted();
    if (batch.removed !== undefined) await intake.remove(batch.part, batch.removed);
    const differing = await intake.match(batch.part, batch.rows);
    if (differing.length === 0) continue;
    const rows = differing.map((index) => batch.rows[index]).filter((row) => row !== undefined);
    await intake.take(batch.part, rows, batch.parse(differing));
  }
}

async function judge(taken: Taken, reading: SourceReading, intake: Intake): Promise<ReadingResult | Again> {
  const { io, spec, open, shape } = taken;
  const summary = await intake.summary();
  const { before, after, rejected, rejections } = summary;
  if (summary.contradiction !== undefined) return { again: summary.contradiction };
  if (rejected > 0) io.emit({ type: 'rejected', total: rejected, rejections });
  if (after.users === 0) {
    if (rejected > 0)
      throw new IncompleteReading(
        `${spec.source.label}: not one row could be read, ${rejected} were rejected; nothing was planned, everything stays as it is`,
      );
    return { kind: 'empty', before: before.users };
  }
  refuseInsane(taken, summary);
  // After a rejected row everything is read again until it is mended.
  const bookmark = rejected > 0 ? undefined : reading.bookmark();
  const { number, isChanged, memberships } = await intake.believe({
    at: io.clock.now(),
    fingerprint: open.fingerprint ?? '',
    shape,
    columns: open.columns,
    bookmark,
  });
  if (open.links !== undefined && isChanged) refuseInsane(taken, { ...summary, after: { ...after, memberships } });
  io.emit({ type: 'read', unchanged: !isChanged, ...(isChanged ? await io.store.mirror.counts() : before) });
  return { kind: 'believed', number, rejected, rejections };
}

function refuseInsane({ spec, acceptAnything }: Taken, summary: IntakeSummary & ReadingChange): void {
  const reasons = acceptAnything ? [] : insane(summary, spec.sanity);
  if (reasons.length === 0) return;
  throw new IncompleteReading(
    `${spec.source.label}: this reading is not believed, nothing was planned: ${reasons.join('; ')}. ` +
      'If the source is right, let this one reading through with "scimsync sync --accept-source".',
  );
}
