import type { Instant, SourceKey } from '../../model/ids.ts';
import type { Counts, Known } from '../../model/plan.ts';
import type { Judgements } from '../../model/reading/judgement.ts';
import type { KnownState } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { KeyChangeView } from '../identity/key-change-store-interface.ts';
import type { NameView } from '../journal/names-interface.ts';
import type { Note } from '../journal/note.ts';
import type { PlanOutline } from '../journal/plan/plan-outline-interface.ts';
import type { StoredOperation } from '../journal/stored-operation.ts';
import type { MirrorView } from '../mirror/mirror-interface.ts';
import type { AccountSearch, SourceSearch } from '../search/search-interface.ts';
import type { OrphanView } from '../snapshot/orphans-interface.ts';
import type { Candidate } from '../snapshot/planning-scope.ts';
import type { TargetRegistryView } from '../snapshot/target-registry-interface.ts';
import type { TargetState } from '../snapshot/target-state-interface.ts';
import type { PassEffects } from '../undo/pass-effects-interface.ts';
import type { SuspensionsView } from '../suspensions/suspensions-interface.ts';
import type { UniqueValueLookups } from '../unique-values/unique-values-interface.ts';

/** What may be asked everywhere, inside and outside of a transaction. Nothing in it writes. */
export interface StateView {
  readonly mirror: MirrorView;
  readonly search: SourceSearch;
  readonly keyChanges: KeyChangeView;
  readonly suspensions: SuspensionsView;
  readonly targets: TargetRegistryView;
  readonly journal: JournalView;
  target(name: string): Promise<TargetView>;
}

/** What may be asked about one target. */
export interface TargetView extends AccountSearch {
  readonly name: string;
  state(): Promise<TargetState>;
  /** The users and groups that the target is known to hold. */
  totals(): Promise<Known>;
  /** Synchronous: planning and sending ask for single records. */
  known(resourceType: ResourceType, key: SourceKey): KnownState | undefined;
  /** One record with its snapshot, whether or not it is a candidate. */
  candidate(resourceType: ResourceType, key: SourceKey): Promise<Candidate>;
  readonly orphans: OrphanView;
  readonly uniqueValues: UniqueValueLookups;
}

/** A pass, without its operations. */
export interface PassInfo {
  readonly id: number;
  readonly command: string;
  readonly started: Instant;
  readonly ended: Instant | undefined;
  readonly reading: number | undefined;
  readonly result: string | undefined;
  readonly note: string | undefined;
  /** Why the reading of this pass was refused; undefined: it was not. */
  readonly judgements: Judgements | undefined;
}

/** What may be asked about passes, operations and notes. */
export interface JournalView extends NameView, PlanOutline, PassEffects {
  /** Whether a judgement with this code refused a pass that began after that time. */
  wasRefused(code: Judgements[number]['code'], since: Instant): Promise<boolean>;
  /** Whether a pass that ended after that time was refused, for any reason. */
  hasRefusal(since: Instant): Promise<boolean>;
  /** The notes of one pass for one target in the order in which they were written, read page by page. */
  allNotes(pass: number, target: string): AsyncIterable<Note>;
  /** Operations in the order of execution. */
  operations(
    pass: number,
    target: string,
    round: number,
    after: StoredOperation | undefined,
    limit: number,
  ): Promise<readonly StoredOperation[]>;
  /** All operations of one round in that order, read page by page: a plan may not fit into memory. */
  allOperations(pass: number, target: string, round: number): AsyncIterable<StoredOperation>;
  counts(pass: number, target: string, round: number): Promise<Counts>;
  countCreates(pass: number, target: string, round: number, resourceType: ResourceType): Promise<number>;
  /** A record's entries in a pass: its operations, the operations on its memberships, and notes. */
  recordEntries(
    pass: number,
    target: string,
    resourceType: ResourceType,
    key: SourceKey,
  ): Promise<{ readonly operations: readonly StoredOperation[]; readonly notes: readonly Note[] }>;
}
