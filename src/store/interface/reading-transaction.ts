import type { Instant } from '../../model/ids.ts';
import type { Operator } from '../audit/operator.ts';
import type { KeyChangeView, KeyMoves } from '../identity/key-change-store-interface.ts';
import type { JoinedSources } from '../joined/joined-sources-interface.ts';
import type { ApprovalLog } from '../journal/approvals-interface.ts';
import type { Mirror } from '../mirror/mirror-interface.ts';
import type { TargetAddresses, TargetRegistryView } from '../snapshot/target-registry-interface.ts';
import type { FreezeEnds, SuspensionsView } from '../suspensions/suspensions-interface.ts';
import type { JournalView, StateView } from './state-view.ts';

/**
 * Where the sources are read: outside of transactions, or in that of a plan that is carried out only as it was shown. A
 * staged reading and the mirror of a joined source outlive the transaction that opened them.
 */
export interface ReadingSide extends StateView {
  /**
   * A short transaction. Inside a transaction, it is a part of it: an error takes back what `work` wrote, and nothing
   * else.
   */
  reading<T>(work: (tx: ReadingTransaction) => Promise<T>): Promise<T>;
}

/** Opens a pass and reads the sources. It writes the mirrors, and cannot write what a target is known to hold. */
export interface ReadingTransaction extends ReadingSide {
  readonly mirror: Mirror;
  readonly joinedSources: JoinedSources;
  readonly keyChanges: KeyChangeView & KeyMoves;
  readonly suspensions: SuspensionsView & FreezeEnds;
  readonly targets: TargetRegistryView & TargetAddresses;
  readonly journal: ReadingJournal;
}

/** What the reading of a source asks and writes in the journal. */
export interface ReadingJournal extends JournalView, Pick<ApprovalLog, 'recordApproval'> {
  /**
   * Opens a pass. A pass of an earlier process that did not end is closed as interrupted, and its operations without a
   * response become `unknown`. The passes that this process runs stay open.
   *
   * @param operator who starts it; undefined: not known
   */
  begin(
    command: string,
    at: Instant,
    operator?: Operator,
  ): Promise<{ readonly pass: number; readonly interrupted: number }>;
  setReading(pass: number, reading: number): Promise<void>;
}
