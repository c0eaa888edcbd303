import type { SourceKey } from '../../model/ids.ts';
import type { ResourceOperation } from '../../model/operation.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';
import { uniqueNameAttribute, type ResourceType } from '../../model/resource-type.ts';
import { displayName } from '../../plan/diff.ts';
import { isAtTarget } from '../evaluate-record.ts';
import type { PlannedState } from '../planned-states.ts';
import type { KnownAccounts } from './undo-input.ts';

/** What the users and groups of a target will be once an undo is carried out: others depend on it. */
export interface UndoStates {
  /** An operation that the undo plans. */
  remember(operation: ResourceOperation): void;
  /** Nothing is changed there: the configuration protects it. */
  protect(resourceType: ResourceType, key: SourceKey): void;
  of(resourceType: ResourceType, key: SourceKey): Promise<PlannedState>;
}

type Planned = Pick<PlannedState, 'action' | 'releasesName' | 'name'>;

/** Creates the states of an undo that plans nothing yet. They keep one entry for each operation. */
export function createUndoStates(store: KnownAccounts): UndoStates {
  const planned = new Map<RecordKey, Planned>();
  const isProtected = new Set<RecordKey>();
  const presenceOf = (
    resourceType: ResourceType,
    action: PlannedState['action'],
    isActive: boolean | undefined,
  ): PlannedState['presence'] => {
    if (action === 'delete' || action === 'deactivate') return 'absent';
    if (action === 'create' || action === 'reactivate') return 'present';
    return isActive === undefined || (resourceType === 'User' && !isActive) ? 'absent' : 'present';
  };
  return {
    remember(operation) {
      planned.set(recordKey(operation), {
        action: operation.action,
        releasesName: 'edits' in operation && operation.edits.some(({ path }) => path === nameOf(operation)),
        name: operation.name,
      });
    },
    protect(resourceType, key) {
      isProtected.add(recordKey({ resourceType, key }));
    },
    async of(resourceType, key) {
      const record = recordKey({ resourceType, key });
      const known = store.known(resourceType, key);
      const isKnown = isAtTarget(known);
      const { action, releasesName = false, name } = planned.get(record) ?? ({} as Partial<Planned>);
      return {
        presence: isProtected.has(record)
          ? 'protected'
          : presenceOf(resourceType, action, isKnown ? known.active : undefined),
        ...{ isKnown, action, releasesName },
        name: name ?? (known === undefined ? key : displayName(resourceType, known.body)),
      };
    },
  };
}

const nameOf = ({ resourceType }: ResourceOperation): string => uniqueNameAttribute(resourceType);
