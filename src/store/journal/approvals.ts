import { instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import type { ApprovalLog, ApprovalRecord, NewApproval, WaitingApproval } from '../store.ts';

/** Opens the approvals of the journal. */
export function openApprovals(db: Db, targetOf: (name: string) => { readonly id: number }): ApprovalLog {
  const insert = db.prepare(`
    insert into approval (at, operator, host, reason, command, plan, removals, target, held, pass, outcome)
    values (:at, :operator, :host, :reason, :command, :plan, :removals, :target, :held, :pass, :outcome)`);
  const selectWaiting = db.prepare(
    'select id, held from approval where target = ? and pass is null and held is not null order by id desc',
  );
  const settle = db.prepare('update approval set pass = ?, outcome = ? where id = ?');
  const columnsOf = ({ at, operator, host, reason, command, plan, removals }: NewApproval) => ({
    ...{ at, operator, host, command },
    ...{ reason: reason ?? null, plan: plan ?? null, removals: removals ?? null },
  });
  return {
    async recordApproval(pass, approval) {
      const row = { ...columnsOf(approval), target: null, held: null, pass, outcome: 'used' };
      return Number(insert.run(row).lastInsertRowid);
    },
    async leaveApproval(target, held, approval) {
      insert.run({ ...columnsOf(approval), target: targetOf(target).id, held, pass: null, outcome: null });
    },
    async waitingApprovals(target) {
      return selectWaiting.all(targetOf(target).id) as WaitingApproval[];
    },
    async settleApproval(id, pass, outcome) {
      settle.run(pass, outcome, id);
    },
  };
}

interface ApprovalRow {
  readonly id: number;
  readonly at: number;
  readonly operator: string;
  readonly host: string;
  readonly reason: string | null;
  readonly command: string;
  readonly plan: string | null;
  readonly removals: number | null;
  readonly target: string | null;
  readonly pass: number | null;
  readonly outcome: 'used' | 'void' | null;
}

const selectApprovals = `
  select a.id, a.at, a.operator, a.host, a.reason, a.command, a.plan, a.removals, t.name as target, a.pass, a.outcome
  from approval a
  left join target t on t.id = a.target`;

/** The approvals that wait for a pass, oldest first. */
export const waitingApprovals = (db: Db): readonly ApprovalRecord[] =>
  (db.prepare(`${selectApprovals} where a.pass is null order by a.id`).all() as ApprovalRow[]).map(toRecord);

/** The approvals that a pass used, or found not to apply. */
export const approvalsOfPass = (db: Db, pass: number): readonly ApprovalRecord[] =>
  (db.prepare(`${selectApprovals} where a.pass = ? order by a.id`).all(pass) as ApprovalRow[]).map(toRecord);

/** An approval by its id. */
export function approvalById(db: Db, id: number): ApprovalRecord | undefined {
  const row = db.prepare(`${selectApprovals} where a.id = ?`).get(id) as ApprovalRow | undefined;
  return row === undefined ? undefined : toRecord(row);
}

const toRecord = (row: ApprovalRow): ApprovalRecord => ({
  ...row,
  at: instant(row.at),
  reason: row.reason ?? undefined,
  plan: row.plan ?? undefined,
  removals: row.removals ?? undefined,
  target: row.target ?? undefined,
  pass: row.pass ?? undefined,
  outcome: row.outcome ?? undefined,
});
