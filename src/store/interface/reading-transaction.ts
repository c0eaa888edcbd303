import type { Instant } from '../../model/ids.ts';
import type { Judgements } from '../../model/reading/judgement.ts';
import type { KeyChangeView, KeyMoves } from '../identity/key-change-store-interface.ts';
import type { JoinedSources } from '../joined/joined-sources-interface.ts';
import type { ApprovalLog } from '../journal/approvals-interface.ts';
import type { Mirror } from '../mirror/mirror-interface.ts';
import type { TargetAddresses, TargetRegistryView } from '../snapshot/target-registry-interface.ts';
import type { FreezeEnds, SuspensionsView } from '../suspensions/suspensions-interface.ts';
import type { JournalView, StateView } from './state-view.ts';

/** Opens a pass and reads the sources. It writes the mirrors, and cannot write what a target is known to hold. */
export interface ReadingTransaction extends StateView {
  readonly mirror: Mirror;
  readonly joinedSources: JoinedSources;
  readonly keyChanges: KeyChangeView & KeyMoves;
  readonly suspensions: SuspensionsView & FreezeEnds;
  readonly targets: TargetRegistryView & TargetAddresses;
  readonly journal: ReadingJournal;
  /** Runs `work` in this transaction. An error takes back what it wrote, and nothing else. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

/** What the reading of a source asks and writes in the journal. */
export interface ReadingJournal extends JournalView, Pick<ApprovalLog, 'recordApproval'> {
  /**
   * Opens a pass. A pass of an earlier process that did not end is closed as interrupted, and its operations without a
   * response become `unknown`. The passes that this process runs stay open.
   */
  begin(command: string, at: Instant): Promise<{ readonly pass: number; readonly interrupted: number }>;
  setReading(pass: number, reading: number): Promise<void>;
  /** Whether a judgement with this code refused a pass that began after that time. */
  wasRefused(code: Judgements[number]['code'], since: Instant): Promise<boolean>;
  /** Whether a pass that ended after that time was refused, for any reason. */
  hasRefusal(since: Instant): Promise<boolean>;
}
