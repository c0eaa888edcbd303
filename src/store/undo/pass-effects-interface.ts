import type { Instant, SourceKey } from '../../model/ids.ts';
import type { Member, ResourceOperation } from '../../model/operation.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';

/** A pass, with the number of operations that each target acknowledged, and of those without a proven effect. */
export interface PassToUndo {
  readonly pass: number;
  readonly command: string;
  readonly started: Instant;
  /** Undefined: it has not ended. */
  readonly ended: Instant | undefined;
  /** It is no pass, but a command by which an operator changed the state. */
  readonly isAction: boolean;
  /** Retention has removed its operations, or may have removed some. */
  readonly isCut: boolean;
  readonly targets: readonly TargetOfUndo[];
}

/** What a pass did at one target. */
export interface TargetOfUndo {
  readonly target: string;
  readonly done: number;
  /** They failed, or have no known outcome: they may have taken effect, in part. */
  readonly unproven: number;
}

/** What a pass did with one user or group. */
export interface ResourceEffect {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  /** userName or displayName, as the pass left it. */
  readonly name: string;
  /** Those that the target acknowledged, in the order of execution; without the adoption. */
  readonly operations: readonly ResourceOperation[];
  /** An account that existed was taken over. */
  readonly isAdopted: boolean;
  /** The account that the last deletion removed; undefined: there was none, or it was not kept. */
  readonly deleted: FlatResource | undefined;
}

/** What a pass did with one membership. */
export interface MembershipEffect {
  readonly group: SourceKey;
  readonly member: Member;
  /** The membership began; otherwise it ended. */
  readonly isAdded: boolean;
  /** Whether the target is known to have it now. */
  readonly isKnown: boolean;
}

/** The journal as it is asked what a pass did, in order to undo it. */
export interface PassEffects {
  /** Undefined: the journal has no such pass. */
  passToUndo(pass: number): Promise<PassToUndo | undefined>;
  /** The numbers of the first and the last pass in the journal; undefined: there is none. */
  passNumbers(): Promise<{ readonly first: number; readonly last: number } | undefined>;
  /** In the order of their first operations, by page. */
  resourceEffects(pass: number, target: string): AsyncIterable<readonly ResourceEffect[]>;
  /** In the order of groups, by page. What began and ended in the same pass is left out. */
  membershipEffects(pass: number, target: string): AsyncIterable<readonly MembershipEffect[]>;
}
