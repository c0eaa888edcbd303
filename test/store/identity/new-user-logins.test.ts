import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import type { SourceRecord } from '../../../src/model/record.ts';
import { duplicateKeyReason } from '../../../src/plan/duplicate-key.ts';
import { identityTokens } from '../../../src/plan/key-change.ts';
import { openDatabase, type Db } from '../../../src/store/database.ts';
import { keepUnreadLogins, loginsOf } from '../../../src/store/identity/new-user-logins.ts';
import { relinkKeys } from '../../../src/store/identity/relink.ts';
import { openMirror } from '../../../src/store/mirror/mirror.ts';
import { toRecord, type RecordRow } from '../../../src/store/sqlite/rows.ts';
import type { KeyChangeRules, StagedReading } from '../../../src/store/store.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import { rejectionOptions } from '../state.ts';

const at = instant(1);

interface User {
  readonly key: string;
  readonly login: string;
  readonly mail: string;
  readonly active: boolean;
}

/** Which attribute the userName is. */
type Login = 'login' | 'mail';

const rulesBy = (login: Login): KeyChangeRules => ({
  rules: login,
  tokensOf: ({ key, attributes }: SourceRecord) =>
    identityTokens({
      key,
      userNames: attributes[login] ?? [],
      emails: attributes['mail'] ?? [],
      fullName: undefined,
    }),
  otherPerson: () => undefined,
  at,
  doWeakSignsCount: () => true,
  groupNameOf: () => undefined,
  reasonOfGroup: () => undefined,
});

async function stageAll(db: Db, users: readonly User[], parseAll = false): Promise<StagedReading> {
  const staged = await openMirror(db).openStaging({
    extent: 'full',
    referenceOptions: undefined,
    parseAll,
    groupsFromColumn: false,
    blankedAttributes: () => [],
    duplicateKeyReason,
    ...rejectionOptions(),
  });
  const rows = users.map((user, index) => ({
    user,
    line: index + 1,
    digest: createHash('sha256').update(JSON.stringify(user)).digest().subarray(0, 16),
  }));
  const changed = new Set(await staged.changedRows('users', rows));
  const picked = rows.filter((_, index) => parseAll || changed.has(index));
  await staged.stage(
    'users',
    picked,
    picked.map(({ user: { key, login, mail, active } }) => ({
      kind: 'record',
      groups: undefined,
      record: {
        resourceType: 'User',
        key: sourceKey(key),
        active,
        attributes: { login: [login], ...(mail === '' ? {} : { mail: [mail] }) },
      },
    })),
  );
  return staged;
}

const pairsIn = (db: Db): unknown[] => db.prepare('select * from key_pair order by from_key').all();

const reading = {
  ...{ at, fingerprint: '', signature: 's', bookmark: undefined, facts: {} },
  columns: { users: [], groups: [] },
};

/** @returns the pairs that the reading found */
async function readAll(db: Db, users: readonly User[], rules: KeyChangeRules): Promise<readonly unknown[]> {
  const staged = await stageAll(db, users);
  await staged.findKeyChanges(rules);
  const pairs = pairsIn(db);
  await staged.withholdKeyChanges(at);
  await staged.commit(reading);
  await staged.discard();
  return pairs;
}

/** The pairs of a reading that compares all users without an account: each row counts as changed. */
async function pairsOfAll(db: Db, users: readonly User[], rules: KeyChangeRules): Promise<readonly unknown[]> {
  db.exec('savepoint attempt; update reading set login_rules = null; update record set digest = null');
  const staged = await stageAll(db, users, true);
  await staged.findKeyChanges(rules);
  const pairs = pairsIn(db);
  await staged.discard();
  db.exec('rollback to attempt; release attempt');
  return pairs;
}

/** What the state would hold if all logins were read now. */
function expectKept(db: Db, { tokensOf }: KeyChangeRules): void {
  const kept = db.prepare('select login from new_user_login where record = ? order by login').pluck();
  const isUnread = db.prepare('select exists (select 1 from unread_new_user where record = ?)').pluck();
  const hasAccount = db.prepare(`select exists (select 1 from account where key = ?)`).pluck();
  const rows = db.prepare('select id, resource_type, key, active, attributes, removed_in from record').all();
  for (const row of rows as (RecordRow & { id: number; removed_in: number | null })[]) {
    const isNew = row.removed_in === null && hasAccount.get(row.key) === 0;
    const logins = isNew && isUnread.get(row.id) === 0 ? [...loginsOf(tokensOf(toRecord(row)))].sort() : [];
    expect({ key: row.key, logins: kept.all(row.id) }).toEqual({ key: row.key, logins });
  }
  expect(db.prepare('select record from new_user_login where record not in (select id from record)').all()).toEqual([]);
}

const keys = ['K0', 'K1', 'K2', 'K3', 'K4'] as const;
const key = fc.constantFrom(...keys);
const login = fc.constantFrom('ada', 'ADA ', 'bob');
const companyOf = (active: fc.Arbitrary<boolean>): fc.Arbitrary<readonly User[]> =>
  fc.uniqueArray(fc.record<User>({ key, login, mail: fc.constantFrom('', 'ada', 'x@y'), active }), {
    selector: (user) => user.key,
    maxLength: keys.length,
  });

type Step =
  | { readonly kind: 'read'; readonly users: readonly User[]; readonly login: Login }
  | { readonly kind: 'leave'; readonly key: string }
  | { readonly kind: 'account' }
  | { readonly kind: 'accountLost' }
  | { readonly kind: 'planned' }
  | { readonly kind: 'kept' }
  | { readonly kind: 'relink'; readonly from: string; readonly to: string };

const stepsOf = (company: fc.Arbitrary<readonly User[]>, others: readonly Step['kind'][]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('read'), users: company, login: fc.constant('login') }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('read'), users: company, login: fc.constant('mail') }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('leave'), key }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom(...others) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('relink'), from: key, to: key }) },
    ) as fc.Arbitrary<Step>,
    { minLength: 3, maxLength: 12 },
  );

const addAccount = (db: Db): void =>
  void db.exec(`
    insert or ignore into account (target, resource_type, key, remote_id, body, name, active, origin, changed_at)
    select 1, 'User', key, 'r' || key, attributes, attributes ->> '$.login[0]', 1, 'created', 1
    from record
    where removed_in is null
      and key not in (select key from account)
    order by key
    limit 1`);

async function carryOut(
  db: Db,
  step: Exclude<Step, { readonly kind: 'read' | 'leave' }>,
  rules: KeyChangeRules,
): Promise<void> {
  if (step.kind === 'account') addAccount(db);
  else if (step.kind === 'accountLost') db.exec('delete from account where key = (select max(key) from account)');
  else if (step.kind === 'planned')
    db.exec('update target set planned_reading = coalesce((select number from reading), 0)');
  else if (step.kind === 'kept') keepUnreadLogins(db, rules, { atMost: 3 });
  else if (step.from !== step.to) relinkKeys(db, [step], at);
}

async function inEachState(
  history: readonly Step[],
  check: (db: Db, step: Exclude<Step, { readonly kind: 'leave' }>, rules: KeyChangeRules) => Promise<void> | void,
): Promise<void> {
  const db = openDatabase(':memory:');
  try {
    db.exec(`insert into target (id, name, planned_reading) values (1, 'app', 0)`);
    let last: { readonly users: readonly User[]; readonly login: Login } = { users: [], login: 'login' };
    for (const step of history) {
      if (step.kind === 'read') last = step;
      if (step.kind === 'leave') last = { ...last, users: last.users.filter((user) => user.key !== step.key) };
      await check(db, step.kind === 'leave' ? { ...last, kind: 'read' } : step, rulesBy(last.login));
    }
  } finally {
    db.close();
  }
}

describe('the logins of users without an account', () => {
  test(
    'are those of the mirror, in any history',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          stepsOf(companyOf(fc.boolean()), ['account', 'accountLost', 'planned', 'kept']),
          async (history) => {
            await inEachState(history, async (db, step, rules) => {
              if (step.kind === 'read') await readAll(db, step.users, rules);
              else await carryOut(db, step, rules);
              const isKept = db.prepare('select login_rules from reading').pluck().get() === rules.rules;
              if (isKept) expectKept(db, rules);
            });
          },
        ),
        randomRuns(25),
      );
    },
    randomRunsTimeoutMs,
  );

  test(
    'lead to the pairs that comparing all users finds',
    async () => {
      let found = 0;
      await fc.assert(
        fc.asyncProperty(stepsOf(companyOf(fc.constant(true)), ['account', 'accountLost', 'kept']), async (history) => {
          await inEachState(history, async (db, step, rules) => {
            if (step.kind !== 'read') return carryOut(db, step, rules);
            const expected = await pairsOfAll(db, step.users, rules);
            expect(await readAll(db, step.users, rules)).toEqual(expected);
            found += expected.length;
          });
        }),
        randomRuns(25),
      );
      expect(found).toBeGreaterThan(0);
    },
    randomRunsTimeoutMs,
  );

  test('a state of an earlier version reads them in the next reading that needs them', async () => {
    const db = openDatabase(':memory:');
    try {
      const rules = rulesBy('login');
      const [ada, bob] = [
        { key: 'K0', login: 'ada', mail: '', active: true },
        { key: 'K1', login: 'bob', mail: '', active: true },
      ];
      db.exec(`insert into target (id, name, planned_reading) values (1, 'app', 0)`);
      await readAll(db, [ada, bob], rules);
      addAccount(db);
      // The tables are empty, and no rules are known.
      db.exec('delete from new_user_login; delete from unread_new_user; update reading set login_rules = null');
      expect(await readAll(db, [{ ...bob, login: 'bob' }], rules)).toEqual([]);
      expectKept(db, rules);
      expect(db.prepare('select login from new_user_login').pluck().all()).toEqual(['bob']);
    } finally {
      db.close();
    }
  });
});
