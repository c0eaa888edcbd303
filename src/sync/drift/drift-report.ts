import { driftKinds, type DriftKind } from '../../model/target/drift.ts';
import type { DriftRecord, Orphan, RecordRef } from '../../store/store.ts';
import { requestsOf, type DriftCheck } from './drift-check.ts';

/** What a check of one target found out. */
export interface DriftReport {
  readonly target: string;
  /** The open differences by kind, also those that an earlier check found. */
  readonly counts: Readonly<Record<DriftKind, number>>;
  /** Number of accounts and groups that were compared. */
  readonly compared: number;
  /** Number of those of which a read proved nothing, and the first reason. */
  readonly unproven: number;
  readonly unprovenDetail: string | undefined;
  /** Paths that the target did not show of any account. */
  readonly hiddenPaths: readonly string[];
  readonly requests: number;
  /** Everything that was to be compared was. */
  readonly isComplete: boolean;
  /** Why the target received no more requests. */
  readonly unavailable: string | undefined;
  /** The records whose snapshot took over what the target shows. */
  readonly taken: readonly RecordRef[];
}

/** Sums up a check. @param records the only records that were compared; undefined: all */
export async function reportOf(
  check: DriftCheck,
  isComplete: boolean,
  records: readonly RecordRef[] | undefined,
): Promise<DriftReport> {
  const { findings, target, spec, stop } = check;
  const counts = Object.fromEntries(driftKinds.map((kind) => [kind, 0])) as Record<DriftKind, number>;
  for (const { kind } of openDrift(check, records)) counts[kind] += 1;
  if (records === undefined) for await (const _ of openOrphans(check)) counts.orphan += 1;
  return {
    target: spec.name,
    counts,
    ...{ compared: findings.compared, unproven: findings.unproven, unprovenDetail: findings.unprovenDetail },
    hiddenPaths: [...new Set(findings.hidden.flatMap(({ paths }) => paths))].sort(),
    requests: requestsOf(check),
    isComplete,
    unavailable: stop.aborted ? undefined : target.unavailableReason,
    taken: findings.taken,
  };
}

const pageSize = 500;

/** The open differences of a target, or of some records of it. */
export function* openDrift(
  { store }: Pick<DriftCheck, 'store'>,
  records: readonly RecordRef[] | undefined,
): Generator<DriftRecord> {
  if (records !== undefined) {
    for (const record of records) yield* store.drift.openOf(record);
    return;
  }
  for (let after: number | undefined = 0; after !== undefined;) {
    const { page, next }: ReturnType<typeof store.drift.open> = store.drift.open(pageSize, after);
    yield* page;
    after = next;
  }
}

/** The accounts of a target that no record of the source owns. */
export async function* openOrphans({ store }: Pick<DriftCheck, 'store'>): AsyncGenerator<Orphan> {
  for (let after = ''; ;) {
    const page = await store.orphans.page(after, pageSize);
    const last = page.at(-1);
    if (last === undefined) return;
    yield* page;
    after = last.remoteId;
  }
}
