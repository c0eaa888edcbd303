import type { Look } from '../../model/evidence.ts';
import { instant, sourceKey } from '../../model/ids.ts';
import { chainHead, verifyChain } from '../chain/verify-chain.ts';
import type { Db } from '../database.ts';
import { openAccessView } from './access-view.ts';
import type { AuditView, OpenDuties } from './audit-interface.ts';

/** Opens the questions of an audit. */
export function openAuditView(db: Db): AuditView {
  const selectRecord = db.prepare(`
    select active, removed_in as removedIn, changed_in as changedIn
    from record
    where resource_type = 'User'
      and key = ?`);
  const selectPass = db.prepare(`
    select id as pass, started
    from pass
    where reading >= ?
    order by reading, id
    limit 1`);
  const selectTarget = db.prepare('select id from target where name = ?').pluck();
  const ofUser = (table: string): string =>
    `from ${table} where target = :target and resource_type = 'User' and key = :key`;
  const selectRequeue = db.prepare(`select verify_first as verifyFirst ${ofUser('requeue')}`);
  const selectRetry = db.prepare(
    `select next_pass as pass, next_at as at ${ofUser('retry')} and member_key = '' and next_at is not null`,
  );
  const selectLook = db.prepare(
    `select look as number, not_before as due, is_seen as isSeen ${ofUser('verification')}`,
  );
  const selectGroups = db
    .prepare(
      `
      select group_key
      from membership
      where target = :target
        and member_type = 'User'
        and member_key = :key
      order by group_key`,
    )
    .pluck();
  const selectFormerKeys = db.prepare(`
    select key, at as until
    from former_key
    where resource_type = 'User'
      and now_key = ?
    order by at`);
  return {
    ...openAccessView(db),
    verifyChain: () => verifyChain(db),
    chainHead: () => chainHead(db),
    sourceStatement(user) {
      const row = selectRecord.get(user) as { active: number; removedIn: number | null; changedIn: number } | undefined;
      if (row === undefined) return undefined;
      const reading = row.removedIn ?? row.changedIn;
      const pass = selectPass.get(reading) as { pass: number; started: number } | undefined;
      return {
        ...{ isPresent: row.removedIn === null, isActive: row.active === 1, reading },
        pass: pass === undefined ? undefined : { pass: pass.pass, started: instant(pass.started) },
      };
    },
    openDuties(target, user) {
      const of = { target: selectTarget.get(target) as number | undefined, key: user };
      const requeue = selectRequeue.get(of) as { verifyFirst: number } | undefined;
      const look = selectLook.get(of) as { number: Look; due: number; isSeen: number } | undefined;
      return {
        isRequeued: requeue !== undefined,
        isCreateInDoubt: requeue?.verifyFirst === 1,
        nextTry: selectRetry.get(of) as OpenDuties['nextTry'],
        look:
          look === undefined ? undefined : { number: look.number, due: instant(look.due), isSeen: look.isSeen === 1 },
        groups: (selectGroups.all(of) as string[]).map(sourceKey),
      };
    },
    formerKeys: (user) =>
      (selectFormerKeys.all(user) as { key: string; until: number }[]).map(({ key, until }) => ({
        key: sourceKey(key),
        until: instant(until),
      })),
  };
}
