import type { Instant } from '../../model/ids.ts';
import type { KeyChangeView, KeyDecisions } from '../identity/key-change-store-interface.ts';
import type { Operator } from '../audit/operator.ts';
import type { ApprovalLog } from '../journal/approvals-interface.ts';
import type { Notices } from '../lanes/notices-interface.ts';
import type { Notifications } from '../notifications/notifications-interface.ts';
import type { OrphanDecisions, OrphanView } from '../snapshot/orphans-interface.ts';
import type { TargetRegistry } from '../snapshot/target-registry-interface.ts';
import type { Suspensions } from '../suspensions/suspensions-interface.ts';
import type { JournalView, StateView, TargetView } from './state-view.ts';

/** Records what an operator decided by a command. It plans nothing and reads no source. */
export interface CommandTransaction extends StateView {
  readonly keyChanges: KeyChangeView & KeyDecisions;
  readonly suspensions: Suspensions;
  readonly targets: TargetRegistry;
  readonly notices: Notices;
  readonly notifications: Notifications;
  readonly journal: CommandJournal;
  target(name: string): Promise<CommandTarget>;
}

/** What commands ask and write about one target. */
export interface CommandTarget extends TargetView {
  readonly orphans: OrphanView & OrphanDecisions;
}

/** What an operator did by a command. */
export interface RecordedAction {
  readonly at: Instant;
  readonly operator: Operator;
  /** The command line without the program name. */
  readonly command: string;
  /** Who did what. */
  readonly note: string;
}

/** What commands ask and write in the journal. */
export interface CommandJournal extends JournalView, Pick<ApprovalLog, 'leaveApproval'> {
  /** Closes passes that did not end, as `ReadingJournal.begin` does. */
  closeInterrupted(at: Instant): Promise<void>;
  /** Records what an operator did to the state by a command, without a pass. `note`: who did what. */
  recordAction(action: RecordedAction): Promise<void>;
}
