import type { SourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';

/** A finding of a planning that leads to no operation. */
export interface Note {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly name: string;
  readonly text: string;
  /** The operator must correct something. */
  readonly problem: boolean;
}
