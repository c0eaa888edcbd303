import type { Db } from '../database.ts';
import { payloadOf } from '../journal/operations.ts';
import { openPackedPayloads } from '../retention/payload-blocks.ts';
import { hashOf, type ChainItem } from './items.ts';

/** Operations that are part of the chain: what was only planned, held or skipped never left scimsync. */
export const isChained = (o: string): string => `${o}.state in ('done', 'adopted', 'failed', 'unknown')`;

interface Row extends Readonly<Record<string, unknown>> {
  readonly id: number;
  readonly action: string;
  readonly payload: string | null;
}

/** Reads the facts of operations and passes, and hashes them. */
export function openFacts(db: Db) {
  const packedPayload = openPackedPayloads(db);
  const columns = `o.id, o.pass, o.target, o.round, o.action, o.resource_type, o.key, o.name, o.reason, o.state,
    o.status, o.detail, o.evidence, o.requests, o.retries, o.sent_at, o.answered_at, o.verified_at, o.approval,
    coalesce(${payloadOf('o', 'edits')}, ${payloadOf('o', 'body')}) as payload`;
  const selectById = db.prepare(
    `select ${columns} from operation o where o.id in (select value from json_each(?)) order by o.id`,
  );
  const selectPage = db.prepare(`
    select ${columns}
    from operation o indexed by operation_by_pass
    where o.pass = ?
      and o.id > ?
      and ${isChained('o')}
    order by o.id
    limit ?`);
  const selectMembers = db.prepare(
    'select removed, resource_type, key from operation_member where operation = ? order by removed, resource_type, key',
  );
  const selectPass = db.prepare(`
    select id, command, started, ended, reading, result, note, judgements, is_operator_action, operator, host
    from pass
    where id = ?`);
  const selectSummaries = db.prepare('select summary from pass_target where pass = ? order by summary').pluck();
  const selectApprovals = db.prepare(
    `
      select id, at, operator, host, reason, command, plan, removals, held, outcome
      from approval
      where pass = ?
      order by id`,
  );

  function itemOf({ payload: unpacked, ...row }: Row): ChainItem {
    const payload = unpacked ?? packedPayload(row.id) ?? null;
    const members = row.action === 'members' ? selectMembers.all(row.id) : null;
    return { kind: 'operation', id: row.id, hash: hashOf([...Object.values(row), payload, members]) };
  }

  return {
    /** These operations, as far as they exist. */
    operations: (ids: readonly number[]): readonly ChainItem[] =>
      (selectById.all(JSON.stringify(ids)) as Row[]).map(itemOf),
    /** Operations of a pass after this one. */
    page: (pass: number, after: number, limit: number): readonly ChainItem[] =>
      (selectPage.all(pass, after, limit) as Row[]).map(itemOf),
    /** Undefined: there is no such pass. */
    pass(pass: number): ChainItem | undefined {
      const row = selectPass.get(pass) as Readonly<Record<string, unknown>> | undefined;
      if (row === undefined) return undefined;
      const facts = [...Object.values(row), selectSummaries.all(pass), selectApprovals.all(pass)];
      return { kind: 'pass', id: pass, hash: hashOf(facts) };
    },
  };
}
