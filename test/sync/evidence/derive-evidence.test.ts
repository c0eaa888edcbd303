import { describe, expect, test } from '@jest/globals';
import { instant, remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { KnownState } from '../../../src/model/resource.ts';
import type { HistoryRow } from '../../../src/store/journal/history.ts';
import { deriveEvidence } from '../../../src/sync/evidence/derive-evidence.ts';
import type { TargetEvidence } from '../../../src/sync/evidence/evidence.ts';
import type { TargetFacts, UserFacts } from '../../../src/sync/evidence/facts.ts';
import { change, create, members, remove } from '../../store/builders.ts';

const ada = sourceKey('ada');

/** A row that was planned at 1000 × pass and answered 10 later. */
const row = (operation: Operation, changes: Partial<HistoryRow> = {}): HistoryRow => {
  const pass = changes.pass ?? 1;
  return {
    ...{ id: pass, pass, command: 'sync', operator: undefined, target: 'app', operation, state: 'done', status: 204 },
    ...{ detail: undefined, evidence: 'read', requests: 1, retries: 0, approval: undefined, since: undefined },
    ...{ repeats: 0, planned: instant(1000 * pass), sent: undefined, answered: instant(1000 * pass + 10) },
    ...{ verified: undefined, looked: undefined },
    ...changes,
  };
};

const deactivate: Operation = {
  ...change('ada', [{ path: 'active', from: true, to: false }]),
  action: 'deactivate',
  reason: 'left the source',
} as Operation;

const account = (changes: Partial<KnownState> = {}): KnownState => ({
  ...{ resourceType: 'User', key: ada, remoteId: remoteId('1'), body: {}, active: true, origin: 'created' },
  ...changes,
});

const target = (changes: Partial<TargetFacts> = {}): TargetFacts => ({
  ...{ target: 'app', isConfigured: true, forgottenAt: undefined, known: account(), paused: undefined },
  duties: { isRequeued: false, isCreateInDoubt: false, nextTry: undefined, look: undefined, groups: [] },
  rule: undefined,
  ...changes,
});

const facts = (rows: readonly HistoryRow[], one: TargetFacts, changes: Partial<UserFacts> = {}): UserFacts => ({
  ...{ key: ada, name: 'ada', formerKeys: [], source: undefined, frozen: undefined, rows, targets: [one] },
  ...changes,
});

function only(given: UserFacts): TargetEvidence {
  const [one] = deriveEvidence(given).targets;
  if (one === undefined) throw new Error('no target');
  return one;
}

const inactive = account({ active: false, inactiveSince: instant(2010) });
const isolated = { isRequeued: false, isCreateInDoubt: false, nextTry: undefined, look: undefined, groups: [] };

describe('open points', () => {
  test.each<[string, readonly HistoryRow[], Partial<TargetFacts>, readonly string[]]>([
    ['active, and nothing was planned', [row(create('ada'))], {}, ['active']],
    ['closed and read', [row(create('ada')), row(deactivate, { pass: 2 })], { known: inactive }, []],
    [
      'closed, and only answered',
      [row(create('ada')), row(deactivate, { pass: 2, evidence: 'answered' })],
      { known: inactive },
      ['notRead'],
    ],
    ['closed before the journal begins', [row(members('g', 'add ada'))], { known: inactive }, ['notInJournal']],
    [
      'held',
      [row(create('ada')), row(deactivate, { pass: 2, state: 'held', answered: undefined })],
      {},
      ['active', 'held'],
    ],
    ['refused', [row(create('ada')), row(deactivate, { pass: 2, state: 'failed' })], {}, ['active', 'failing']],
    [
      'without an answer',
      [row(create('ada')), row(deactivate, { pass: 2, state: 'unknown' })],
      { known: account({ inDoubt: ['active'] }) },
      ['active', 'inDoubt', 'inDoubt'],
    ],
    [
      'given access again',
      [
        row(create('ada')),
        row(deactivate, { pass: 2 }),
        row({ ...deactivate, action: 'reactivate' } as Operation, { pass: 3 }),
      ],
      {},
      ['active'],
    ],
    ['deleted and read', [row(create('ada')), row(remove('ada'), { pass: 2 })], { known: undefined }, []],
    ['missing', [row(create('ada'))], { known: account({ missingSince: instant(5) }) }, ['notInJournal']],
    ['forgotten while open', [row(create('ada'))], { known: undefined, forgottenAt: instant(5000) }, ['forgotten']],
    [
      'forgotten after it was closed and read',
      [row(create('ada')), row(deactivate, { pass: 2 })],
      { known: undefined, forgottenAt: instant(5000) },
      [],
    ],
    [
      'a member of groups, and inactive',
      [row(create('ada')), row(deactivate, { pass: 2 })],
      { known: inactive, duties: { ...isolated, groups: [sourceKey('g')] } },
      ['membership'],
    ],
    [
      'a create without an answer',
      [row(create('ada'), { state: 'unknown' })],
      { known: undefined, duties: { ...isolated, isCreateInDoubt: true } },
      ['inDoubt'],
    ],
    ['gone from the configuration', [row(create('ada'))], { isConfigured: false }, ['active', 'notConfigured']],
  ])('%s', (_, rows, changes, expected) => {
    const { open } = only(facts(rows, target(changes)));
    expect(open.map(({ code }) => code)).toEqual(expected);
  });
});

describe('times', () => {
  test('count from the first pass that knew it, also where the removal was held before', () => {
    const rows = [
      row(create('ada')),
      row(deactivate, { pass: 4, state: 'held', since: instant(2000), repeats: 2, answered: undefined }),
      row(deactivate, { pass: 5, evidence: 'read', verified: instant(9000), looked: instant(9500) }),
    ];
    const one = only(facts(rows, target({ known: inactive })));
    expect(one.ended).toEqual({ at: 2000, pass: 4, reason: 'left the source' });
    expect(one.acknowledged).toMatchObject({ at: 5010, pass: 5, afterMs: 3010 });
    expect(one.verified).toEqual({ at: 9000, evidence: 'read', lookedAt: 9500, afterMs: 7000 });
  });

  test('of a paused target count from what another target shows of the person, unless the scope decided', () => {
    const other = target({ target: 'other', known: inactive });
    const outOfScope = { ...deactivate, reason: 'is out of scope' } as Operation;
    const rows = [
      row(create('ada'), { target: 'other' }),
      row(deactivate, { pass: 2, target: 'other' }),
      row(deactivate, { pass: 5 }),
    ];
    const both = { targets: [target({ known: inactive }), other] };
    expect(deriveEvidence(facts(rows, other, both)).targets.map(({ acknowledged }) => acknowledged?.afterMs)).toEqual([
      3010, 10,
    ]);
    const scoped = rows.map((one) => (one.target === 'app' ? { ...one, operation: outOfScope } : one));
    expect(deriveEvidence(facts(scoped, other, both)).targets.map(({ acknowledged }) => acknowledged?.afterMs)).toEqual(
      [10, 10],
    );
  });

  test('a person whom no target ever had is closed', () => {
    const none = target({ known: undefined });
    expect(deriveEvidence(facts([], none))).toMatchObject({ isClosed: true, targets: [] });
  });
});
