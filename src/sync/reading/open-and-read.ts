import { IncompleteReading } from '../../model/errors.ts';
import type { Instant } from '../../model/ids.ts';
import { judgeSourceIdentity } from '../../plan/reading/source-identity.ts';
import type { Columns } from '../../source/source.ts';
import type { Reading } from '../../store/store.ts';
import type { PassOptions, SourceSpec, TargetSpec } from '../context.ts';
import { judgeOpenSource } from './judge-open-source.ts';
import { requireAccepted } from './require-accepted.ts';
import { knownReading, saveValidator, type Interpretation } from './unchanged-reading.ts';
import { readSource, type ReadDeps, type ReadingOptions, type ReadingResult } from '../read-source.ts';

/**
 * Opens a source and reads it into its mirror, completely or not at all.
 *
 * @param targets the targets whose mappings read columns by their names
 * @throws IncompleteReading
 */
export async function openAndRead<Prepared>(
  deps: OpenDeps,
  spec: SourceSpec,
  targets: readonly TargetSpec[],
  options: OpenOptions,
  stop: AbortSignal,
  interpret: (columns: Columns) => Interpretation<Prepared>,
): Promise<ReadAndPrepared<Prepared>> {
  try {
    return await openAndReadIt(deps, spec, targets, options, stop, interpret);
  } catch (error) {
    if (error instanceof IncompleteReading) {
      if (spec.name !== undefined) error.nameSettings(spec.name);
      if (spec.redact !== undefined) error.redact(spec.redact);
    }
    throw error;
  }
}

type OpenDeps = ReadDeps & {
  readonly wasRefused?: (last: Reading) => Promise<boolean>;
  readonly hasRefusal: (since: Instant) => Promise<boolean>;
};

type OpenOptions = Pick<PassOptions, 'acceptSource' | 'full' | 'at'> & Pick<ReadingOptions, 'mayBeEmpty'>;

interface ReadAndPrepared<Prepared> {
  readonly reading: ReadingResult;
  readonly prepared: Prepared;
}

async function openAndReadIt<Prepared>(
  deps: OpenDeps,
  spec: SourceSpec,
  targets: readonly TargetSpec[],
  options: OpenOptions,
  stop: AbortSignal,
  interpret: (columns: Columns) => Interpretation<Prepared>,
): Promise<ReadAndPrepared<Prepared>> {
  const { source, identity, maxAgeMs } = spec;
  const acceptance = { label: source.label, emit: deps.emit, acceptImplausible: options.acceptSource };
  const last = await deps.store.mirror.last();
  // Before a connection is opened: another server would receive the credentials.
  const otherSource = judgeSourceIdentity(last?.facts.source, identity);
  requireAccepted(otherSource, acceptance);
  const known = await knownReading(deps, spec, last, options, deps.hasRefusal, interpret);
  const changed = known === undefined ? undefined : await source.openIfChanged?.(known.validator, stop);
  if (known !== undefined && changed === 'unchanged') {
    deps.emit({ type: 'read', unchanged: true, ...(await deps.store.mirror.counts()) });
    return known;
  }
  const open = changed === undefined || changed === 'unchanged' ? await source.open(stop) : changed;
  try {
    const meaning = judgeOpenSource(open, last, targets, { now: deps.clock.now(), maxAgeMs });
    requireAccepted(meaning, acceptance);
    const { uses, mappings, prepared } = interpret(open.columns);
    const wentBack = last !== undefined && (await deps.wasRefused?.(last)) === true;
    const reading = await readSource(
      deps,
      spec,
      open,
      uses,
      {
        acceptImplausible: options.acceptSource,
        full: options.full || wentBack,
        ...(options.mayBeEmpty === undefined ? {} : { mayBeEmpty: options.mayBeEmpty }),
        at: options.at,
        judgements: [...otherSource, ...meaning],
        mappings,
      },
      stop,
    );
    if (reading.kind === 'accepted') await saveValidator(deps, spec, open, uses);
    return { reading, prepared };
  } finally {
    await open.close();
  }
}
