import type { Instant, SourceKey } from '../../model/ids.ts';
import type { ChangeCount, ChangeKind, GroupMove, GroupTurnover, GroupTurnoverBefore } from '../../model/plan.ts';

/** How far the guard looks back at one target. */
export interface WindowStart {
  /** For removals. */
  readonly removals: Instant;
  /** For everything else: not before the end of the first load. */
  readonly others: Instant;
}

/** What the rounds of a pass change together, so that a change that two rounds plan counts once. */
export interface ChangesInPass {
  /** What earlier rounds planned without an approval, and the round does not plan again. */
  readonly earlier: readonly ChangeCount[];
  /** What the round plans again after an approval let it through in an earlier round. */
  readonly approved: readonly ChangeCount[];
}

/** The rounds of a pass that planned changes of each kind. Rounds without any are not read: they may be long. */
export type RoundsByKind = ReadonlyMap<ChangeKind, readonly number[]>;

/** What the guard counts, and what it keeps back. */
export interface HoldLog {
  /** Changes of these kinds that this target acknowledged since then in other passes, except approved operations. */
  changedSince(
    target: string,
    since: WindowStart,
    currentPass: number,
    kinds: ReadonlySet<ChangeKind>,
  ): Promise<readonly ChangeCount[]>;
  /** Changes of these kinds in these rounds before this one. */
  changedInPass(pass: number, target: string, round: number, kinds: RoundsByKind): Promise<ChangesInPass>;
  /**
   * The users whom a round creates again: the guard let the last create through in an earlier pass, and the target
   * refused it or did not answer it.
   */
  repeatedCreates(pass: number, target: string, round: number): Promise<number>;
  /** What happened to groups since then in other passes, except approved operations. */
  groupTurnoverSince(target: string, since: WindowStart, currentPass: number): Promise<GroupTurnoverBefore>;
  /** Records how many memberships of people who stay the deletion of each group ends. */
  setEndedMemberships(
    pass: number,
    target: string,
    round: number,
    groups: Iterable<readonly [SourceKey, number]>,
  ): Promise<void>;
  /** Splits each of these operations: members of other classes than these become an operation of their own. */
  splitMembers(operations: readonly { readonly id: number; readonly classes: readonly string[] }[]): Promise<void>;
  hold(operations: readonly number[]): Promise<void>;
  /** When the passes before this one at the target began, the last one first. */
  passesBefore(pass: number, target: string, limit: number): Promise<readonly Instant[]>;
  /** The longest time without the begin of a pass of any target, in a span; undefined: it has no length. */
  longestPause(
    pass: number,
    from: Instant,
    until: Instant,
  ): Promise<{ readonly from: Instant; readonly until: Instant } | undefined>;
  /**
   * Marks the planned additions of a round to users whose rename is held in this pass: as long as the owner of the
   * account is in doubt, it gets no access.
   */
  markAdditionsOfRenamed(pass: number, target: string, round: number): Promise<void>;
  /** What a round plans for the members of emptied and of new groups. */
  groupTurnover(pass: number, target: string, round: number): Promise<GroupTurnover>;
  /** Marks the memberships of these groups that end while the member joins the other group. @returns their number */
  markReplaced(pass: number, target: string, round: number, moves: readonly GroupMove[]): Promise<number>;
  /** Lets the held operations of a round through by an approval, whose id it records with them. */
  release(pass: number, target: string, round: number, approval: number): Promise<void>;
}
