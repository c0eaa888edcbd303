import type { ReferenceCounts, ReferenceKind } from '../../model/reading/references.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { ParsedRow } from '../../source/source.ts';

/** The references of one kind in files, and the first names that are in no row. */
export interface DanglingNames {
  readonly kind: ReferenceKind;
  readonly counts: ReferenceCounts;
  readonly examples: readonly string[];
}

const maxExamples = 6;

/** Counts references to keys that no row has. Holds all keys in memory, and the names that no row had so far. */
export function openDanglingCount(managersOf: ((user: SourceRecord) => readonly string[]) | undefined): {
  readonly add: (row: ParsedRow) => void;
  readonly found: () => readonly DanglingNames[];
} {
  const keys = { users: new Set<string>(), groups: new Set<string>() };
  const isKnown: Readonly<Record<ReferenceKind, (name: string) => boolean>> = {
    members: (name) => keys.users.has(name) || keys.groups.has(name),
    groups: (name) => keys.groups.has(name),
    managers: (name) => keys.users.has(name),
  };
  const totals: Record<ReferenceKind, number> = { members: 0, groups: 0, managers: 0 };
  const unknown = {
    members: new Map<string, number>(),
    groups: new Map<string, number>(),
    managers: new Map<string, number>(),
  };
  const refer = (kind: ReferenceKind, name: string): void => {
    totals[kind] += 1;
    if (isKnown[kind](name)) return;
    const names = unknown[kind];
    names.set(name, 1 + (names.get(name) ?? 0));
  };
  return {
    add(row) {
      switch (row.kind) {
        case 'record':
          keys[row.record.resourceType === 'User' ? 'users' : 'groups'].add(row.record.key);
          if (row.record.resourceType === 'User')
            for (const key of managersOf?.(row.record) ?? []) refer('managers', key);
          return;
        case 'membership':
          refer('groups', row.membership.group);
          refer('members', row.membership.member);
          return;
        case 'rejected':
        case 'excluded':
          // The row exists, whichever part it is of.
          if (row.key !== undefined) for (const known of Object.values(keys)) known.add(row.key);
      }
    },
    found: () =>
      (['members', 'groups', 'managers'] as const)
        .filter((kind) => totals[kind] > 0)
        .map((kind) => {
          const names = [...unknown[kind]].filter(([name]) => !isKnown[kind](name));
          const dangling = names.reduce((sum, [, count]) => sum + count, 0);
          const examples = names.toSorted(([, one], [, other]) => other - one).slice(0, maxExamples);
          return {
            kind,
            counts: { total: totals[kind], dangling, left: 0 },
            examples: examples.map(([name]) => name),
          };
        }),
  };
}
