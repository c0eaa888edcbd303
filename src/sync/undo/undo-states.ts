import type { SourceKey } from '../../model/ids.ts';
import type { ResourceOperation } from '../../model/operation.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';
import { uniqueNameAttribute, type ResourceType } from '../../model/resource-type.ts';
import type { KnownState } from '../../model/resource.ts';
import { displayName } from '../../plan/diff.ts';
import type { Shown } from '../../plan/undo/undo-record.ts';
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

/**
 * Creates the states of an undo that plans nothing yet. They keep one entry for each operation.
 *
 * @param shown what the target showed counts more than what it acknowledged
 */
export function createUndoStates(store: KnownAccounts, shown: ReadonlyMap<RecordKey, Shown>): UndoStates {
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
          : presenceOf(resourceType, action, isKnown ? isActive(known, shown.get(record)) : undefined),
        ...{ isKnown, action, releasesName },
        name: name ?? (known === undefined ? key : displayName(resourceType, known.body)),
      };
    },
  };
}

/** Undefined: the target did not show the account. */
function isActive({ active }: KnownState, shown: Shown | undefined): boolean | undefined {
  if (shown?.kind === 'unread') return undefined;
  const other = shown?.others.get('active');
  return other === undefined ? active : other !== false;
}

const nameOf = ({ resourceType }: ResourceOperation): string => uniqueNameAttribute(resourceType);
