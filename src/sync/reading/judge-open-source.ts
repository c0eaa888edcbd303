import { isDeepStrictEqual } from 'node:util';
import type { Instant } from '../../model/ids.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Judgement } from '../../model/reading/judgement.ts';
import {
  activeRole,
  judgeColumns,
  visibleHeaders,
  type ColumnPart,
  type ColumnRoles,
  type Headers,
} from '../../plan/reading/columns.ts';
import { judgeAge, judgeEnd } from '../../plan/reading/export-files.ts';
import { judgePosition } from '../../plan/reading/position.ts';
import { judgeDirectoryKind } from '../../plan/reading/directory-kind.ts';
import type { OpenSource } from '../../source/source.ts';
import type { Reading } from '../../store/store.ts';
import type { SourceSpec, TargetSpec } from '../context.ts';

/**
 * Compares an open source with the last accepted reading, before a row is read: its columns and their roles, and the
 * kind of directory, how far it has come, and the age and the end of files.
 */
export function judgeOpenSource(
  open: OpenSource,
  last: Reading | undefined,
  targets: readonly Pick<TargetSpec, 'compileMapping'>[],
  { now, maxAgeMs }: Pick<SourceSpec, 'maxAgeMs'> & { readonly now: Instant },
): readonly Judgement[] {
  const { files = [] } = open;
  return [
    ...judgePosition(open.server ?? '', last?.facts.position, open.position),
    ...judgeAge(files, maxAgeMs, now),
    ...judgeEnd(files, last?.facts.lineEnds),
    ...judgeDirectoryKind(last?.facts.directory, open.detectedDirectory),
    ...judgeColumns(columnComparison(open, last, targets)),
  ];
}

function columnComparison(
  open: OpenSource,
  last: Reading | undefined,
  targets: readonly Pick<TargetSpec, 'compileMapping'>[],
): Parameters<typeof judgeColumns>[0] {
  const headers = headersOf(open.columns);
  // A first reading is compared with what a person reads in its header.
  const headersBefore = last === undefined ? visibleHeaders(headers) : headersOf(last.columns);
  const roles = rolesIn(headers, open, targets);
  const rolesBefore = isDeepStrictEqual(headersBefore, headers) ? roles : rolesIn(headersBefore, open, targets);
  return {
    before: rolesBefore === undefined ? undefined : { headers: headersBefore, roles: rolesBefore },
    now: { headers, roles },
  };
}

/** A directory has no header, and its default mapping depends on no column. */
const headersOf = ({ users, groups, mapping }: OpenSource['columns']): Headers =>
  mapping === undefined ? { users, groups } : { users: [], groups: [] };

/** The roles of these columns in the current configuration; undefined: a mapping does not compile with them. */
function rolesIn(
  headers: Headers,
  open: OpenSource,
  targets: readonly Pick<TargetSpec, 'compileMapping'>[],
): ColumnRoles | undefined {
  if (headers.users.length === 0) return { users: new Map(), groups: new Map() };
  const roles: Readonly<Record<ColumnPart, Map<string, string>>> = { users: new Map(), groups: new Map() };
  try {
    const activeColumn = open.activeColumn?.(headers.users);
    if (activeColumn !== undefined) roles.users.set(activeRole, activeColumn);
    for (const { compileMapping } of targets) {
      const { implicitColumns } = compileMapping(headers);
      for (const part of ['users', 'groups'] as const)
        for (const [path, column] of implicitColumns[part]) roles[part].set(path, column);
    }
    return roles;
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}
