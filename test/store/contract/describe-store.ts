import { describe } from '@jest/globals';
import { describeAtomicity, describeDeath } from './atomicity.ts';
import { describeCandidates } from './candidates.ts';
import { describeDecisions, describeLock } from './decisions.ts';
import { describeJournal } from './journal.ts';
import { describeMirror } from './mirror.ts';
import { describeNames } from './names.ts';
import { describeRounds } from './rounds.ts';
import { describeSnapshot } from './snapshot.ts';
import { describeRecords } from './recorded-is-shown.ts';
import { describeDeathBetweenSlices, describeSlices } from './slices.ts';
import type { OpenStore } from './steps.ts';
import { describePassEffects } from './undo.ts';

/**
 * The contract of the store: what each implementation must do. It asks only through the interface. What it cannot ask
 * is not part of the contract.
 *
 * @param outlastsProcess whether a later process can open the state
 */
export function describeStore(name: string, open: OpenStore, { outlastsProcess }: { outlastsProcess: boolean }): void {
  describe(name, () => {
    describeMirror(open);
    describeCandidates(open);
    describeSnapshot(open);
    describeJournal(open);
    describeRounds(open);
    describeNames(open);
    describeDecisions(open);
    describeAtomicity(open);
    describeRecords(open);
    describeSlices(open);
    describePassEffects(open);
    if (!outlastsProcess) return;
    describeDeath(open);
    describeDeathBetweenSlices(open);
    describeLock(open);
  });
}
