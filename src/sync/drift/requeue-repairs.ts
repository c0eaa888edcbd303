import type { RecordRef } from '../../store/store.ts';
import { followUpsOfReading } from '../follow-ups.ts';
import type { DriftCheck } from './drift-check.ts';
import { openDrift } from './drift-report.ts';
import { isAmong } from './record-drift.ts';

/**
 * Lets the next planning compare what an earlier check left to repair: the guard held it, or it failed.
 *
 * @param records the only records; undefined: all
 */
export async function requeueRepairs(check: DriftCheck, records: readonly RecordRef[] | undefined): Promise<void> {
  const { store, clock, findings } = check;
  const waiting = [...openDrift(check, records)].filter(
    ({ policy, held, repairAt }) => policy === 'repair' && held === undefined && repairAt !== undefined,
  );
  for (const { resourceType, key } of waiting) {
    const known = store.known(resourceType, key);
    if (known === undefined || isAmong(findings.taken, known)) continue;
    const members = resourceType === 'Group' ? ([{ kind: 'membersOf' }] as const) : [];
    const keep = { kind: 'keep' } as const;
    await store.applyReadBack(known, keep, [...followUpsOfReading(known, keep), ...members], clock.now());
    findings.taken.push({ resourceType, key });
  }
}
