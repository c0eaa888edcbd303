import { expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { openDatabase } from '../../../src/store/database.ts';
import { openMirror } from '../../../src/store/mirror/mirror.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import { wrongCounts } from '../counts.ts';
import { present, read, type RowText, type Tables } from '../state.ts';

jest.setTimeout(randomRunsTimeoutMs);

const keys = ['a', 'b', 'c', 'd', 'e'];
const names = ['eng', 'ops', 'b'];
const key = fc.constantFrom(...keys);

/** Rows of people; keys may come twice, rows may be unreadable. */
const people = (groups: boolean): fc.Arbitrary<RowText[]> =>
  fc.array(
    fc
      .record({
        key,
        attributes: fc.dictionary(
          fc.constantFrom('mail', 'sn'),
          fc.subarray(['1', '2', 'a', 'b', 'c'], { minLength: 1, maxLength: 2 }),
          { noNullPrototype: true },
        ),
        active: fc.boolean(),
        unused: fc.constantFrom('x', 'y'),
        ...(groups ? { groups: fc.subarray(names) } : {}),
      })
      .chain((row) =>
        fc.oneof(
          { weight: 30, arbitrary: fc.constant(row) },
          { weight: 1, arbitrary: fc.constant({ key: row.key, rejected: 'ragged' }) },
        ),
      ),
    { maxLength: 8 },
  );

/** Mostly as the keys stand once each; now and then twice. */
const withFewDuplicates = (rows: RowText[]): RowText[] =>
  rows.filter(
    ({ key: own, unused }, index) => unused === 'y' || rows.findIndex((other) => other.key === own) === index,
  );

const files: fc.Arbitrary<Tables> = fc.record({
  users: people(false).map(withFewDuplicates),
  groups: fc.subarray(names).map((list) => list.map((one) => ({ key: one }))),
  memberships: fc.array(
    fc.tuple(fc.constantFrom(...names), key).map(([group, member]) => `${group}>${member}`),
    { maxLength: 8 },
  ),
});

/** The attribute with the managers; undefined: no target maps managers. */
const managers = fc.constantFrom('mail', 'mail', 'sn', undefined);

interface Asked {
  ask(sql: string, ...parameters: unknown[]): unknown[];
}

const storedManagers = ({ ask }: Asked): unknown[] =>
  ask(`select r.key || '>' || m.name as line from manager_name m join record r on r.id = m.record order by line`);

const statedManagers = ({ ask }: Asked, attribute: string | undefined): unknown[] =>
  ask(
    `
      select r.key || '>' || v.value as line
      from record r, json_each(r.attributes, '$.' || ?) v
      where r.resource_type = 'User'
        and r.removed_in is null
      order by line`,
    attribute ?? 'none',
  );

const column: fc.Arbitrary<Tables> = fc.record({ users: people(true).map(withFewDuplicates) });

/** What is parsed of a row: equal rows are one row. */
const meaning = ({ attributes = {}, active = true, groups = [] }: RowText): string =>
  JSON.stringify([Object.entries(attributes).sort(), active, [...groups].sort()]);

/** What the mirror should hold, worked out the simple way. */
class Model {
  readonly records = new Map<string, string>();
  readonly memberships = new Set<string>();

  /** @param held the lines of the mirror: of several inactive rows of a user, it may hold any */
  take({ users = [], groups = [], memberships = [] }: Tables, isColumn: boolean, held: readonly string[]): void {
    const line = ({ active = true, attributes = {} }: RowText): string =>
      `${active ? '' : ' inactive'} ${JSON.stringify(attributes, Object.keys(attributes).sort())}`;
    const groupsOf = (row: RowText): string => (isColumn ? JSON.stringify([...new Set(row.groups)].sort()) : '[]');
    const heldGroupsOf = (key: string): string =>
      isColumn
        ? JSON.stringify(
            held
              .filter((one) => one.endsWith(`>${key}`))
              .map((one) => one.split('>')[0])
              .sort(),
          )
        : '[]';
    const chosen = (row: RowText, rows: readonly RowText[]): boolean => {
      const same = rows.filter(({ key, rejected }) => key === row.key && rejected === undefined);
      if (same.length < 2 || same.some(({ active = true }) => active)) return false;
      const isHeld = (one: RowText): boolean =>
        held.includes(`User ${one.key}${line(one)}`) && groupsOf(one) === heldGroupsOf(one.key);
      return row === (same.find(isHeld) ?? same[0]);
    };
    const duplicates = (rows: readonly RowText[]): Set<string> =>
      new Set(
        rows
          .filter(
            (row, index) =>
              row.rejected === undefined &&
              rows.some(
                (other, at) =>
                  at !== index &&
                  other.key === row.key &&
                  other.rejected === undefined &&
                  meaning(other) !== meaning(row),
              ),
          )
          .map((row) => row.key),
      );
    const good = (rows: readonly RowText[]): RowText[] =>
      rows.filter(
        (row) =>
          row.rejected === undefined && (!duplicates(rows).has(row.key) || (rows === users && chosen(row, rows))),
      );
    const rowsByType = [['User', users], ...(isColumn ? [] : [['Group', groups]])] as [string, RowText[]][];
    for (const [resourceType, rows] of rowsByType) {
      for (const name of [...this.records.keys()])
        if (name.startsWith(resourceType) && !rows.some((row) => `${resourceType} ${row.key}` === name))
          this.records.delete(name);
      for (const row of good(rows)) this.records.set(`${resourceType} ${row.key}`, line(row));
    }
    if (isColumn) this.derive(good(users));
    else {
      this.memberships.clear();
      for (const membership of memberships) this.memberships.add(membership as string);
    }
  }

  private derive(users: readonly RowText[]): void {
    for (const membership of [...this.memberships]) {
      const member = membership.split('>')[1] ?? '';
      if (!this.records.has(`User ${member}`) || users.some((row) => row.key === member))
        this.memberships.delete(membership);
    }
    for (const row of users) for (const group of row.groups ?? []) this.memberships.add(`${group}>${row.key}`);
    const inhabited = new Set([...this.memberships].map((membership) => membership.split('>')[0] ?? ''));
    for (const group of inhabited) this.records.set(`Group ${group}`, ` {"name":["${group}"]}`);
    for (const name of [...this.records.keys()])
      if (name.startsWith('Group ') && !inhabited.has(name.slice(6))) this.records.delete(name);
  }

  lines(): string[] {
    const records = [...this.records].map(([name, rest]) => `${name}${rest}`);
    return [
      ...records.filter((line) => line.startsWith('User')).sort(),
      ...records.filter((line) => line.startsWith('Group')).sort(),
      ...[...this.memberships].sort(),
    ];
  }
}

test.each([
  ['files', files, false],
  ['a column', column, true],
])('after any sequence of readings of %s the mirror equals the model', async (_, tables, isColumn) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(tables, fc.integer({ min: 1, max: 4 }), fc.boolean(), managers), {
        minLength: 1,
        maxLength: 6,
      }),
      async (readings) => {
        const db = openDatabase(':memory:');
        const at = {
          store: { mirror: openMirror(db), readingAndPlanning: <T>(work: () => Promise<T>) => work() },
          ask: (sql: string, ...parameters: unknown[]) =>
            db
              .prepare(sql)
              .pluck()
              .all(...parameters),
        };
        const model = new Model();
        try {
          for (const [given, batch, parseAll, rule] of readings) {
            const before = await at.store.mirror.counts();
            const { summary, number } = await read(at, given, { batch, parseAll, column: isColumn, managers: rule });
            model.take(given, isColumn, present(at) as string[]);
            expect(present(at)).toEqual(model.lines());
            expect(summary.before).toEqual(before);
            expect(wrongCounts(db)).toEqual([]);
            expect(storedManagers(at)).toEqual(statedManagers(at, rule));
            // Read again, the same rows change nothing, whatever was wrong with them.
            const again = await read(at, given, { batch, column: isColumn, managers: rule });
            expect(
              at.ask(
                `
                  select key
                  from record
                  where changed_in > ?
                  union all
                  select member_key
                  from source_membership
                  where changed_in > ?`,
                number,
                number,
              ),
            ).toEqual([]);
            expect(again.summary.rejected).toBe(summary.rejected);
          }
        } finally {
          db.close();
        }
      },
    ),
    randomRuns(60),
  );
});
