import { sourceKey } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { ChangedMember, Edit, MembershipCause, Operation } from '../../model/operation.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { Db } from '../database.ts';
import { openPackedPayloads } from '../retention/payload-blocks.ts';
import { managerOf } from '../snapshot/account-columns.ts';
import type { OperationState, PlannedOperation, StoredOperation } from '../store.ts';

/** SQL for what the operation `o` sets, unless it is packed. Rows of earlier versions have it in a column. */
export const payloadOf = (o: string, column: 'edits' | 'body'): string =>
  `coalesce(${o}.earlier_${column}, (select ${column} from operation_payload where operation = ${o}.id))`;

const ownColumns =
  'id phase wave is_rename is_recreation is_start action resource_type key name reason state waits_for detail'.split(
    ' ',
  );

/** The columns of an `OperationRow`, for a select list. @param o the alias of the table */
export const operationColumnsOf = (o: string): string =>
  [
    ...ownColumns.map((column) => `${o}.${column}`),
    `${payloadOf(o, 'edits')} as edits`,
    `${payloadOf(o, 'body')} as body`,
  ].join(', ');

/** `operationColumnsOf`, for a statement in which the table has no alias. */
export const operationColumns = operationColumnsOf('operation');

/** A row of the table `operation`, as far as it describes the planned operation. */
export interface OperationRow {
  readonly id: number;
  readonly phase: number;
  readonly wave: number;
  readonly is_rename: number;
  readonly is_recreation: number;
  readonly is_start: number;
  readonly action: Operation['action'];
  readonly resource_type: ResourceType;
  readonly key: string;
  readonly name: string;
  readonly reason: string;
  readonly edits: string | null;
  readonly body: string | null;
  readonly state: OperationState;
  readonly waits_for: string | null;
  readonly detail: string | null;
}

interface MemberRow {
  readonly resourceType: ResourceType;
  readonly key: string;
  readonly removed: number;
  readonly cause: MembershipCause | null;
}

/** Writes operations as rows of the journal, and reads them. */
export function openOperations(db: Db) {
  const insert = db.prepare(`
    insert into operation (
      pass, target, round, phase, wave, action, resource_type, key, name, reason, refers_to, is_rename, is_recreation,
      is_start, waits_for
    )
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertPayload = db.prepare('insert into operation_payload (operation, edits, body) values (?, ?, ?)');
  const packedPayload = openPackedPayloads(db);
  // Row by row: before a statement that writes several rows, SQLite copies each page that it changes, to take it back.
  const insertMember = db.prepare(
    'insert into operation_member (operation, resource_type, key, removed, cause) values (?, ?, ?, ?, ?)',
  );
  const selectMembers = db.prepare(
    'select resource_type as resourceType, key, removed, cause from operation_member where operation = ?',
  );

  return {
    add(
      pass: number,
      target: number,
      round: number,
      { operation, phase, wave, isRenaming, waitsFor }: PlannedOperation,
    ): void {
      const body = 'body' in operation ? operation.body : undefined;
      const { lastInsertRowid } = insert.run(
        pass,
        target,
        round,
        phase,
        wave,
        operation.action,
        operation.resourceType,
        operation.key,
        operation.name,
        operation.reason,
        managerOf(body) ?? null,
        isRenaming ? 1 : 0,
        operation.action === 'create' && operation.isRecreation === true ? 1 : 0,
        'isStart' in operation && operation.isStart === true ? 1 : 0,
        waitsFor ?? null,
      );
      const edits = 'edits' in operation ? JSON.stringify(operation.edits) : null;
      if (edits !== null || body !== undefined)
        insertPayload.run(lastInsertRowid, edits, body === undefined ? null : JSON.stringify(body));
      if (operation.action !== 'members') return;
      const insertAll = (members: readonly ChangedMember[], removed: 0 | 1): void => {
        for (const { resourceType, key, cause } of members)
          insertMember.run(lastInsertRowid, resourceType, key, removed, cause ?? null);
      };
      insertAll(operation.remove, 1);
      insertAll(operation.add, 0);
    },

    read(row: OperationRow): StoredOperation {
      return {
        id: row.id,
        phase: row.phase,
        wave: row.wave,
        isRenaming: row.is_rename === 1,
        state: row.state,
        operation: toOperation(row),
        ...(row.waits_for === null ? {} : { waitsFor: sourceKey(row.waits_for) }),
        ...(row.state === 'held' && row.detail !== null ? { heldBecause: row.detail } : {}),
      };
    },
  };

  function bodyOf(row: OperationRow): FlatResource {
    return JSON.parse(row.body ?? packedPayload(row.id) ?? '{}') as FlatResource;
  }

  function toOperation(row: OperationRow): Operation {
    const { action, name, reason } = row;
    const resource = { resourceType: row.resource_type, key: sourceKey(row.key), name, reason };
    switch (action) {
      case 'create':
        return {
          ...resource,
          action,
          body: bodyOf(row),
          ...(row.is_recreation === 1 ? { isRecreation: true } : {}),
        };
      case 'verifyCreate':
        return { ...resource, action, body: bodyOf(row) };
      case 'delete':
        return { ...resource, action };
      case 'members': {
        const rows = selectMembers.all(row.id) as MemberRow[];
        const pick = (removed: number): ChangedMember[] =>
          rows
            .filter((one) => one.removed === removed)
            .map(({ resourceType, key, cause }) => ({
              resourceType,
              key: sourceKey(key),
              ...(cause === null ? {} : { cause }),
            }));
        return { ...resource, action, remove: pick(1), add: pick(0) };
      }
      default:
        return {
          ...resource,
          action,
          edits: JSON.parse(row.edits ?? packedPayload(row.id) ?? '[]') as Edit[],
          // Only the edits of an update are packed: once it is done, its body is never sent again.
          body: JSON.parse(row.body ?? '{}') as FlatResource,
          ...(row.is_start === 1 ? { isStart: true } : {}),
        };
    }
  }
}
