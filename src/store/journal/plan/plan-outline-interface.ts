import type { Operation } from '../../../model/operation.ts';
import type { ResourceType } from '../../../model/resource-type.ts';
import type { OperationState, StoredOperation } from '../stored-operation.ts';

/** What an operation does, without the values that it sets. */
export interface OperationKind {
  readonly id: number;
  readonly action: Operation['action'];
  readonly resourceType: ResourceType;
  /** Whether it removes members of a group. */
  readonly removesMembers: boolean;
}

/** All operations of one round of an open pass in the order of execution, read page by page: only what is needed. */
export interface PlanOutline {
  /** With a text that only operations have that execute the same. The reason is not part of it. */
  operationTexts(
    pass: number,
    target: string,
    round: number,
  ): AsyncIterable<{ readonly state: OperationState; readonly text: string }>;
  operationKinds(pass: number, target: string, round: number): AsyncIterable<OperationKind>;
  /** @throws InvariantError if there is no operation with this id */
  operation(id: number): Promise<StoredOperation>;
}
