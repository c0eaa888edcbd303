import { isDeepStrictEqual } from 'node:util';
import type { IdentityMapping } from '../../desired/person-identity.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Clock } from '../../model/clock.ts';
import type { Instant } from '../../model/ids.ts';
import type { Columns, OpenSource, UsedAttributes } from '../../source/source.ts';
import type { Mirror, Reading } from '../../store/store.ts';
import type { PassOptions, SourceSpec } from '../context.ts';
import type { ReadDeps, ReadingResult } from './reading-context.ts';
import type { ManagerMapping } from './references.ts';
import { mustChooseAgain } from './same-source.ts';

/** What decides the meaning of a reading, for the attributes of the open source. */
export interface Interpretation<Prepared> {
  readonly uses: UsedAttributes;
  /** They recognise people whose key changed, and name people. */
  readonly mappings: readonly (IdentityMapping & ManagerMapping)[];
  readonly prepared: Prepared;
}

/** A reading that stands if the source has not changed since then. */
export interface KnownReading<Prepared> {
  readonly validator: string;
  readonly reading: ReadingResult;
  readonly prepared: Prepared;
}

/**
 * The last reading, if the source may be asked whether it has changed. It is read without the question with `--full`,
 * after a refused pass, while rows are rejected or keys have changed, if other attributes are used now, and once in
 * `fullEveryMs`: a server may state wrongly that nothing has changed.
 *
 * @param hasRefusal whether a pass was refused after that time
 */
export async function knownReading<Prepared>(
  deps: Pick<ReadDeps, 'store' | 'clock'>,
  spec: SourceSpec,
  last: Reading | undefined,
  { acceptSource, full, at }: Pick<PassOptions, 'acceptSource' | 'full' | 'at'>,
  hasRefusal: (since: Instant) => Promise<boolean>,
  interpret: (columns: Columns) => Interpretation<Prepared>,
): Promise<KnownReading<Prepared> | undefined> {
  const validator = last?.facts.validator;
  if (spec.source.openIfChanged === undefined || last === undefined || validator === undefined) return undefined;
  if (full || acceptSource || !isComparable(deps, spec, last, validator.at)) return undefined;
  if (mustChooseAgain(last, at ?? deps.clock.now())) return undefined;
  if (await hasRefusal(validator.at)) return undefined;
  const interpretation = tryInterpret(interpret, last.columns);
  if (interpretation === undefined || textOf(interpretation.uses) !== validator.uses) return undefined;
  const { number, facts } = last;
  return {
    validator: validator.value,
    reading: { kind: 'accepted', number, rejected: 0, rejections: [], judgements: facts.judgements ?? [] },
    prepared: interpretation.prepared,
  };
}

/** Whether the same source, read again, would be the same reading. @param readAt when it was last read to its end */
function isComparable(
  { store, clock }: Pick<ReadDeps, 'store' | 'clock'>,
  { identity, keyForm = [], fullEveryMs }: SourceSpec,
  { rejected, facts }: Reading,
  readAt: Instant,
): boolean {
  return (
    rejected === 0 &&
    (store.keyChanges?.pending().total ?? 0) === 0 &&
    isDeepStrictEqual(facts.source, identity) &&
    isDeepStrictEqual(facts.keyForm ?? [], keyForm) &&
    clock.now() - readAt < fullEveryMs
  );
}

/** Remembers by what the source recognises whether it has changed since an accepted reading. */
export async function saveValidator(
  mirror: Mirror,
  { source }: SourceSpec,
  { validator: value }: OpenSource,
  uses: UsedAttributes,
  clock: Clock,
): Promise<void> {
  if (source.openIfChanged === undefined) return;
  await mirror.saveValidator(value === undefined ? undefined : { value, uses: textOf(uses), at: clock.now() });
}

/** @returns undefined: the mappings need other columns, which the source may have by now */
function tryInterpret<Prepared>(
  interpret: (columns: Columns) => Interpretation<Prepared>,
  columns: Columns,
): Interpretation<Prepared> | undefined {
  try {
    return interpret(columns);
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

function textOf({ users, groups }: UsedAttributes): string {
  const sorted = (names: ReadonlySet<string> | undefined): readonly string[] | null =>
    names === undefined ? null : [...names].sort();
  return JSON.stringify([sorted(users), sorted(groups)]);
}
