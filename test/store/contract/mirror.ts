import { describe, expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import { at, person, stageAndCommit } from '../readings.ts';
import { candidatesOf, changedSince, readSource, type OpenStore } from './steps.ts';

const [ada, eng] = [sourceKey('ada'), sourceKey('eng')];

/** The mirror holds the source as it was last read completely. */
export function describeMirror(open: OpenStore): void {
  describe('the mirror', () => {
    test('is empty before the first reading', async () => {
      const { mirror } = (await open()).store;
      expect(await mirror.last()).toBeUndefined();
      expect(await mirror.counts()).toEqual({ users: 0, groups: 0, memberships: 0 });
      expect(await mirror.record('User', ada)).toBeUndefined();
    });

    test('holds what a reading committed', async () => {
      const { store } = await open();
      await readSource(store, {
        users: [person('ada', 'ada@x'), { ...person('bob'), active: false }],
        groups: [{ key: 'eng' }],
        memberships: ['eng>ada', 'eng>bob'],
      });
      const { mirror } = store;
      expect(await mirror.counts()).toEqual({ users: 2, groups: 1, memberships: 2 });
      expect(await mirror.record('User', ada)).toMatchObject({
        ...{ resourceType: 'User', key: 'ada', active: true, attributes: { mail: ['ada@x'] } },
      });
      expect(await mirror.record('User', sourceKey('bob'))).toMatchObject({ active: false });
      expect(await mirror.record('Group', ada)).toBeUndefined();
      expect(await mirror.groupsOf(ada)).toEqual(['eng']);
      expect(await mirror.membersOf(eng, '', 1)).toEqual(['ada']);
      expect(await mirror.membersOf(eng, 'ada', 9)).toEqual(['bob']);
      expect((await mirror.search('ada@x')).map(({ key }) => key)).toEqual(['ada']);
      expect(await mirror.last()).toMatchObject({
        ...{ number: 1, at: 1000, completed: 1000, fingerprint: 'f', signature: 's', rejected: 0 },
        columns: { users: ['id', 'mail'], groups: ['id'] },
      });
    });

    test('asks only for rows that differ, and counts what each reading changes', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada'), person('bob'), person('cy')] });
      const same = await readSource(store, { users: [person('cy'), person('ada'), person('bob')] });
      expect(same.parsed).toBe(0);
      expect(await candidatesOf(store, changedSince(1))).toEqual([]);
      const { parsed, number, summary } = await readSource(store, { users: [person('ada', 'new'), person('bob')] });
      expect([parsed, number]).toEqual([1, same.number + 1]);
      expect(await candidatesOf(store, changedSince(same.number))).toEqual(['User ada', 'User cy gone']);
      expect(summary).toMatchObject({ before: { users: 3 }, after: { users: 2 } });
    });

    test('ends what a complete reading does not contain, and takes it back when it returns', async () => {
      const { store } = await open();
      const both = {
        ...{ users: [person('ada'), person('bob')], groups: [{ key: 'eng' }] },
        memberships: ['eng>ada', 'eng>bob'],
      };
      await readSource(store, both);
      await readSource(store, { users: [person('ada')], groups: [{ key: 'eng' }], memberships: ['eng>ada'] });
      expect(await store.mirror.record('User', sourceKey('bob'))).toBeUndefined();
      expect(await store.mirror.counts()).toEqual({ users: 1, groups: 1, memberships: 1 });
      await readSource(store, both);
      expect(await store.mirror.counts()).toEqual({ users: 2, groups: 1, memberships: 2 });
      expect((await store.mirror.last())?.number).toBe(3);
    });

    test('keeps what an incremental reading does not contain', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada'), person('bob')], groups: [{ key: 'eng' }] });
      const changed = { users: [person('ada', 'new'), person('cy')] };
      const { number, parsed } = await readSource(store, changed, { extent: 'incremental' });
      expect([number, parsed]).toEqual([2, 2]);
      expect(await store.mirror.counts()).toEqual({ users: 3, groups: 1, memberships: 0 });
      expect(await store.mirror.record('User', ada)).toMatchObject({ attributes: { mail: ['new'] } });
      expect(await candidatesOf(store, changedSince(1))).toEqual(['User ada', 'User cy']);
      await readSource(store, { ...changed, groups: [{ key: 'eng' }] });
      expect(await candidatesOf(store, changedSince(2))).toEqual(['User bob gone']);
    });

    test('keeps an absent record that a rejected row could be, until a reading without that row', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada', 'ada@x'), person('bob', 'bob@x')] });
      const unreadable = { key: '', rejected: 'no key', text: 'bob@x' };
      const { summary } = await readSource(store, { users: [person('ada', 'ada@x'), unreadable] });
      expect(summary.rejected).toBe(1);
      expect(await store.mirror.record('User', sourceKey('bob'))).toMatchObject({ doubt: { isAbsent: true } });
      const { rejected, waiting } = await store.mirror.rejectionReport(9);
      expect([rejected.total, waiting.total, waiting.records[0]?.key]).toEqual([1, 1, 'bob']);
      await readSource(store, { users: [person('ada', 'ada@x')] });
      expect(await store.mirror.record('User', sourceKey('bob'))).toBeUndefined();
      expect((await store.mirror.rejectionReport(9)).rejected.total).toBe(0);
    });

    test('stays as it was where a reading is refused after it was staged', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada')] });
      const refused = store.reading(async (tx) => {
        await stageAndCommit(tx, { users: [person('bob')], groups: [{ key: 'eng' }], memberships: ['eng>bob'] }, {});
        throw new Error('refused');
      });
      await expect(refused).rejects.toThrow('refused');
      expect((await store.mirror.last())?.number).toBe(1);
      expect(await store.mirror.counts()).toEqual({ users: 1, groups: 0, memberships: 0 });
      expect(await readSource(store, { users: [person('ada')] })).toMatchObject({ parsed: 0, number: 2 });
    });

    test('records what is reported about its last reading', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada')] });
      await store.reading(({ mirror }) => mirror.saveValidator({ value: '"v1"', uses: 'mail', at: at(5) }));
      expect((await store.mirror.last())?.facts.validator).toEqual({ value: '"v1"', uses: 'mail', at: 5 });
      await store.reading(({ mirror }) => mirror.saveValidator(undefined));
      expect((await store.mirror.last())?.facts.validator).toBeUndefined();
    });

    test('a reading inside of a reading takes back what it wrote, and nothing else', async () => {
      const { store } = await open();
      await store.reading(async (tx) => {
        await stageAndCommit(tx, { users: [person('ada')] }, {});
        const failing = tx.reading(async () => {
          await stageAndCommit(tx, { users: [person('ada'), person('bob')] }, {});
          throw new Error('no');
        });
        await expect(failing).rejects.toThrow('no');
      });
      expect(await store.mirror.counts()).toMatchObject({ users: 1 });
    });

    test('joined sources have mirrors of their own, until the configuration has none', async () => {
      const { store } = await open();
      await store.reading(async (tx) => {
        const hr = tx.joinedSources.open('hr');
        await stageAndCommit({ mirror: hr.mirror }, { users: [person('4711', 'ada@x')] }, {});
        hr.saveFailure({ since: at(1), code: 'source.empty', message: 'no users' });
      });
      expect(await store.mirror.counts()).toMatchObject({ users: 0 });
      await store.reading(async ({ joinedSources }) => {
        expect(await joinedSources.find('hr')?.mirror.counts()).toMatchObject({ users: 1 });
        expect(joinedSources.find('hr')?.state().failure).toMatchObject({ code: 'source.empty' });
        joinedSources.retain([]);
        expect(joinedSources.find('hr')).toBeUndefined();
      });
    });
  });
}
