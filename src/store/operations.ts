import { sourceKey } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Edit, Member, Operation } from '../model/operation.ts';
import type { Body } from '../model/resource.ts';
import type { Db } from './database.ts';
import { managerOf } from './snapshot.ts';
import type { OperationState, PlannedOperation, StoredOperation } from './store.ts';

export const operationColumns = 'id, phase, wave, renames, action, kind, key, name, reason, edits, body, state';

export interface OperationRow {
  readonly id: number;
  readonly phase: number;
  readonly wave: number;
  readonly renames: number;
  readonly action: Operation['action'];
  readonly kind: Kind;
  readonly key: string;
  readonly name: string;
  readonly reason: string;
  readonly edits: string | null;
  readonly body: string | null;
  readonly state: OperationState;
}

/** Writes operations as rows of the journal, and reads them back. */
export function openOperations(db: Db) {
  const insert =
    db.prepare(`insert into operation (pass, target, round, phase, wave, action, kind, key, name, reason, edits, body, refers_to, renames)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertMember = db.prepare('insert into operation_member (operation, kind, key, removed) values (?, ?, ?, ?)');
  const members = db.prepare('select kind, key, removed from operation_member where operation = ?');

  return {
    add(pass: number, target: number, round: number, { operation, phase, wave, renames }: PlannedOperation): void {
      const body = 'body' in operation ? operation.body : undefined;
      const { lastInsertRowid } = insert.run(
        pass,
        target,
        round,
        phase,
        wave,
        operation.action,
        operation.kind,
        operation.key,
        operation.name,
        operation.reason,
        'edits' in operation ? JSON.stringify(operation.edits) : null,
        body === undefined ? null : JSON.stringify(body),
        managerOf(body) ?? null,
        renames ? 1 : 0,
      );
      if (operation.action !== 'members') return;
      for (const { kind, key } of operation.remove) insertMember.run(lastInsertRowid, kind, key, 1);
      for (const { kind, key } of operation.add) insertMember.run(lastInsertRowid, kind, key, 0);
    },

    read(row: OperationRow): StoredOperation {
      return {
        id: row.id,
        phase: row.phase,
        wave: row.wave,
        renames: row.renames === 1,
        state: row.state,
        operation: toOperation(row),
      };
    },
  };

  function toOperation(row: OperationRow): Operation {
    const { action, kind, name, reason } = row;
    const resource = { kind, key: sourceKey(row.key), name, reason };
    switch (action) {
      case 'create':
      case 'claim':
        return { ...resource, action, body: JSON.parse(row.body ?? '{}') as Body };
      case 'delete':
        return { ...resource, action };
      case 'members': {
        const rows = members.all(row.id) as (Member & { removed: number })[];
        const pick = (removed: number): Member[] =>
          rows.filter((one) => one.removed === removed).map((one) => ({ kind: one.kind, key: sourceKey(one.key) }));
        return { ...resource, action, remove: pick(1), add: pick(0) };
      }
      default:
        return {
          ...resource,
          action,
          edits: JSON.parse(row.edits ?? '[]') as Edit[],
          body: JSON.parse(row.body ?? '{}') as Body,
        };
    }
  }
}
