import type { Look } from '../../model/evidence.ts';
import type { Instant, SourceKey } from '../../model/ids.ts';
import type { ChainReport } from '../chain/chain-interface.ts';
import type { AccessView } from './access-interface.ts';
import type { NextTry } from '../../model/requeue.ts';

/** The last that the source stated about a user. */
export interface SourceStatement {
  /** False: the user left the source. */
  readonly isPresent: boolean;
  readonly isActive: boolean;
  /** The number of the reading in which the record left, or last changed. */
  readonly reading: number;
  /** The first pass with this reading; undefined: the journal no longer has it. */
  readonly pass: { readonly pass: number; readonly started: Instant } | undefined;
}

/** What is still to be done for a user at a target. */
export interface OpenDuties {
  /** The next planning compares the user again. */
  readonly isRequeued: boolean;
  /** A create was sent without an answer; it is looked up before it is sent again. */
  readonly isCreateInDoubt: boolean;
  /** Undefined: the next pass. */
  readonly nextTry: NextTry | undefined;
  /** The removal is read back then; `isSeen`: it was shown before. */
  readonly look: { readonly number: Look; readonly due: Instant; readonly isSeen: boolean } | undefined;
  /** The groups of the target that the user is known to be a member of. */
  readonly groups: readonly SourceKey[];
}

/** Questions of an audit. */
export interface AuditView extends AccessView {
  /** Compares the journal with its chain of hashes. */
  verifyChain(): ChainReport;
  /** The last entry of the chain; undefined: there is none yet. */
  chainHead(): ChainReport['head'];
  /** Undefined: the mirror has no record of the user any more. */
  sourceStatement(user: SourceKey): SourceStatement | undefined;
  openDuties(target: string, user: SourceKey): OpenDuties;
  /** The keys that the user had before they were relinked, oldest first. */
  formerKeys(user: SourceKey): readonly { readonly key: SourceKey; readonly until: Instant }[];
}
