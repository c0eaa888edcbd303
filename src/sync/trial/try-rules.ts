import type { TargetMapping } from '../../desired/target-mapping.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { MirrorView, SourceSearch } from '../../store/store.ts';
import { collectNames, type SharedNames } from '../names/shared-names.ts';
import { addGroupsFor } from '../user-groups/add-groups.ts';

/** A target of the configuration, with its rules. */
export interface RulesOfTarget {
  readonly name: string;
  readonly mapping: TargetMapping;
}

/** What the rules of the targets make of all records. */
export interface TriedRules {
  readonly sharedNames: SharedNames;
  /** The records that cannot be sent to a target, for each that has some. */
  readonly rejected: readonly RejectedByRules[];
}

/** The records that the rules of a target reject: a value does not fit, an expression fails or exceeds its budget. */
export interface RejectedByRules {
  readonly target: string;
  readonly total: number;
  /** The first ones. */
  readonly first: readonly RejectedRecord[];
}

interface RejectedRecord {
  readonly key: string;
  readonly reason: string;
}

const maxNamed = 3;

const pageSize = 500;

/** Whether a row does not show the account of its user: the rules depend on groups, or on joined sources. */
const needsMirror = ({ mapping: { groupRules, usedAttributes } }: RulesOfTarget): boolean =>
  groupRules !== undefined || usedAttributes.joined.size > 0;

/** Tries the rules of the targets that depend on a row alone. Other targets are left to `tryRulesInMirror`. */
export const tryRulesByRow = (targets: readonly RulesOfTarget[]): RulesTrial =>
  createTrial(targets.filter((target) => !needsMirror(target)));

/** Tries the rules of the targets that depend on more than a row, on all records of the mirror. */
export async function tryRulesInMirror(
  { mirror, search }: { readonly mirror: Pick<MirrorView, 'openUserGroups'>; readonly search: SourceSearch },
  targets: readonly RulesOfTarget[],
): Promise<TriedRules> {
  const dependent = targets.filter(needsMirror);
  const trial = createTrial(dependent);
  for (const mapping of new Set(dependent.map((target) => target.mapping))) {
    const addGroups = addGroupsFor(mapping, () => mirror.openUserGroups());
    for (let after: number | undefined = 0; after !== undefined;) {
      const { page, next } = search.records(after, pageSize);
      after = next;
      for (const record of await addGroups(page)) trial.add(record, mapping);
    }
  }
  return trial.result();
}

/** Tries rules on one record after the other. */
interface RulesTrial {
  /** @param only undefined: all mappings */
  add(record: SourceRecord, only?: TargetMapping): void;
  result(): TriedRules;
}

function createTrial(targets: readonly RulesOfTarget[]): RulesTrial {
  // Targets with equal rules share a mapping.
  const mappings = new Map(targets.map(({ mapping }) => [mapping, new Map<RecordKey, RejectedRecord>()]));
  const names = collectNames([...mappings.keys()]);
  return {
    add(record, only) {
      for (const [mapping, rejected] of mappings) {
        if (only !== undefined && only !== mapping) continue;
        const desired = mapping.desire(record);
        // Several rows of one person have one key.
        if (desired.kind === 'rejected') rejected.set(recordKey(record), { key: record.key, reason: desired.reason });
        else names.add(record, mapping, desired);
      }
    },
    result: () => ({
      sharedNames: names.shared(),
      rejected: targets.flatMap(({ name, mapping }) => {
        const all = [...(mappings.get(mapping)?.values() ?? [])];
        return all.length === 0 ? [] : [{ target: name, total: all.length, first: all.slice(0, maxNamed) }];
      }),
    }),
  };
}
