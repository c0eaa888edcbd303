import type { Instant, SourceKey } from '../../model/ids.ts';
import type { KnownState } from '../../model/resource.ts';
import type { HistoryRow } from '../../store/journal/history.ts';
import type { FreezeRecord, OpenDuties, Pause, SourceStatement } from '../../store/store.ts';
import type { UserEvidence } from './evidence.ts';

/** What the state knows about a user at one target. */
export interface TargetFacts {
  readonly target: string;
  readonly isConfigured: boolean;
  /** When `target forget` ended the management of its accounts; undefined: it did not. */
  readonly forgottenAt: Instant | undefined;
  readonly known: KnownState | undefined;
  readonly duties: OpenDuties;
  readonly paused: Pause | undefined;
  readonly rule: string | undefined;
}

/** What the state knows about a user. */
export interface UserFacts {
  readonly key: SourceKey;
  readonly name: string | undefined;
  readonly formerKeys: UserEvidence['formerKeys'];
  readonly source: SourceStatement | undefined;
  /** The freeze in force. */
  readonly frozen: FreezeRecord | undefined;
  /** The operations on the user and on the memberships of the user, at all targets, in order of time. */
  readonly rows: readonly HistoryRow[];
  readonly targets: readonly TargetFacts[];
}
