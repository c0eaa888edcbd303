import { isDeepStrictEqual } from 'node:util';
import { IncompleteReading } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { judgeSourceIdentity } from '../../plan/reading/source-identity.ts';
import type { Columns } from '../../source/source.ts';
import type { Reading } from '../../store/store.ts';
import type { PassOptions, SourceSpec, TargetSpec } from '../context.ts';
import { SourceNeeded } from './commit-readings.ts';
import { judgeOpenSource } from './judge-open-source.ts';
import { requireAccepted } from './require-accepted.ts';
import { knownReading, saveValidator, type Interpretation } from './unchanged-reading.ts';
import type { MirrorTransaction, ReadDeps, ReadingOptions, ReadingResult } from './reading-context.ts';
import { stageReading } from './stage-reading.ts';

/** A source that was read to its end. Its mirror is as it was. */
export interface StagedSource<Prepared> {
  readonly prepared: Prepared;
  /**
   * Judges the reading and commits it to the mirror, completely or not at all. Runs inside the caller's transaction; it
   * may run again after a rollback.
   *
   * @throws IncompleteReading, SourceNeeded
   */
  commit(tx: MirrorTransaction): Promise<ReadingResult>;
  /** Ends the connections, and removes what was staged. */
  close(): Promise<void>;
}

/** What is read, and for what. */
export interface StageRequest<Prepared> {
  readonly spec: SourceSpec;
  /** The targets whose mappings read columns by their names. */
  readonly targets: readonly TargetSpec[];
  readonly options: StageOptions;
  readonly interpret: (columns: Columns) => Interpretation<Prepared>;
}

/**
 * Opens a source and stages a reading of it. The source is never awaited inside a transaction, unless the caller has
 * begun one.
 *
 * @throws IncompleteReading
 */
export async function stageSource<Prepared>(
  deps: StageDeps,
  request: StageRequest<Prepared>,
  stop: AbortSignal,
): Promise<StagedSource<Prepared>> {
  const { spec } = request;
  const begin = (): Promise<StagedSource<Prepared>> => naming(spec, () => openAndStage(deps, request, stop));
  let current = await begin();
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await current.close();
  };
  const restart = async (): Promise<void> => {
    await close();
    current = await begin();
    isOpen = true;
  };
  return {
    get prepared() {
      return current.prepared;
    },
    commit: (tx) =>
      naming(spec, async () => {
        try {
          return await current.commit(tx);
        } catch (error) {
          // A command changed the state while the source was read.
          if (error instanceof OutdatedStaging) throw new SourceNeeded(restart);
          if (error instanceof SourceNeeded) throw new SourceNeeded(() => naming(spec, error.ask));
          throw error;
        }
      }),
    close,
  };
}

/** The mirror is no longer the one with which the rows were compared. */
class OutdatedStaging extends Error {}

type StageDeps = ReadDeps & {
  readonly wasRefused?: (last: Reading) => Promise<boolean>;
  readonly hasRefusal: (since: Instant) => Promise<boolean>;
};

type StageOptions = Pick<PassOptions, 'acceptSource' | 'full' | 'at'> & Pick<ReadingOptions, 'mayBeEmpty'>;

/** Names the settings of this source in an error, and hides its secrets. */
async function naming<T>({ name, redact }: SourceSpec, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof IncompleteReading) {
      if (name !== undefined) error.nameSettings(name);
      if (redact !== undefined) error.redact(redact);
    }
    throw error;
  }
}

async function openAndStage<Prepared>(
  deps: StageDeps,
  { spec, targets, options, interpret }: StageRequest<Prepared>,
  stop: AbortSignal,
): Promise<StagedSource<Prepared>> {
  const { source, identity, maxAgeMs } = spec;
  const { mirror } = deps.store;
  const acceptance = { label: source.label, emit: deps.emit, acceptImplausible: options.acceptSource };
  const last = await mirror.last();
  // Before a connection is opened: another server would receive the credentials.
  const otherSource = judgeSourceIdentity(last?.facts.source, identity);
  requireAccepted(otherSource, acceptance);
  const known = await knownReading(deps, spec, last, options, deps.hasRefusal, interpret);
  const changed = known === undefined ? undefined : await source.openIfChanged?.(known.validator, stop);
  if (known !== undefined && changed === 'unchanged') {
    return {
      prepared: known.prepared,
      async commit() {
        if (!isDeepStrictEqual(await mirror.last(), last)) throw new OutdatedStaging();
        deps.emit({ type: 'read', unchanged: true, ...(await mirror.counts()) });
        return known.reading;
      },
      close: () => Promise.resolve(),
    };
  }
  const open = changed === undefined || changed === 'unchanged' ? await source.open(stop) : changed;
  try {
    const meaning = judgeOpenSource(open, last, targets, { now: deps.clock.now(), maxAgeMs });
    requireAccepted(meaning, acceptance);
    const { uses, mappings, prepared } = interpret(open.columns);
    const wentBack = last !== undefined && (await deps.wasRefused?.(last)) === true;
    const readingOptions = {
      acceptImplausible: options.acceptSource,
      full: options.full || wentBack,
      ...(options.mayBeEmpty === undefined ? {} : { mayBeEmpty: options.mayBeEmpty }),
      at: options.at,
      judgements: [...otherSource, ...meaning],
      mappings,
    };
    const staged = await stageReading(deps, spec, open, uses, readingOptions, stop);
    return {
      prepared,
      async commit(tx) {
        if (!isDeepStrictEqual(await mirror.last(), staged.last)) throw new OutdatedStaging();
        const reading = await staged.commit(tx);
        if (reading.kind === 'accepted') await saveValidator(tx.mirror, spec, open, uses, deps.clock);
        return reading;
      },
      async close() {
        try {
          await staged.discard();
        } finally {
          await open.close();
        }
      },
    };
  } catch (error) {
    await open.close();
    throw error;
  }
}
