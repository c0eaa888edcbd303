import { expect, test } from '@jest/globals';
import { learnedLine, learnedText } from '../../src/cli/print/learned-text.ts';
import { instant } from '../../src/model/ids.ts';
import type { FactKind, LearnedFact } from '../../src/model/target/learned-fact.ts';

const fact = (kind: FactKind, subject: string, changes: Partial<LearnedFact> = {}): LearnedFact => ({
  kind,
  subject,
  status: 405,
  resource: 'a',
  resources: 2,
  passes: 2,
  pass: 2,
  learnedAt: instant(0),
  confirmedAt: instant(86_400_000),
  ...changes,
});
const [from, until] = ['1970-01-01T00:00:00.000Z', '1970-01-02T00:00:00.000Z'];

test.each<[LearnedFact, readonly RegExp[]]>([
  [fact('patchRefused', 'User'), [/^PATCH of users is refused \(405\), .*PUT/]],
  [fact('deleteRefused', 'Group'), [/^DELETE of groups is refused \(405\), .*emptied/]],
  [fact('deleteRefused', 'User'), [/deactivated/]],
  [fact('ifMatchRefused', ''), [/If-Match is refused \(405\)/]],
  [fact('ifMatchRequired', '', { status: 428 }), [/without If-Match are refused \(428\)/]],
  [fact('membersRefused', 'g-1'), [/g-1/]],
  [fact('writeIgnored', 'update of users by PATCH', { status: undefined }), [/^update of users by PATCH: /]],
  [fact('operationsIgnored', 'User', { status: undefined }), [/^PATCH of users with several .* once a day/]],
  [fact('activeHidden', '', { status: undefined }), [/cannot be confirmed.*a read with `active`/]],
  [fact('membersCut', '100', { status: undefined }), [/shows 100 members and not all.*a longer list/]],
  [fact('membersTooLarge', '1', { status: 413 }), [/\(413\), so one has at most 1 membership,.* once a day/]],
  [fact('bulkTooLarge', '25', { status: 413 }), [/Bulk requests are refused \(413\).* 25 operations/]],
  [fact('bulkRefused', '', { status: 404 }), [/^Bulk requests are refused \(404\)/]],
  [fact('patchRefused', 'User', { passes: 1 }), [/if the next pass confirms it/]],
  [fact('patchRefused', 'User', { resources: 1, passes: 1 }), []],
])('%j', (one, patterns) => {
  expect(learnedText([one])).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
  for (const line of learnedText([one])) expect([line.includes(from), line.includes(until)]).toEqual([true, true]);
});

test('of many groups the first are shown, and the others counted', () => {
  const facts = Array.from({ length: 8 }, (_, index) => fact('membersRefused', `g-${index}`));
  expect(learnedText(facts)).toHaveLength(6);
  expect(learnedText(facts).at(-1)).toMatch(/^3 more groups/);
});

test('a line of --json has the stage and both dates', () => {
  expect(learnedLine(fact('ifMatchRequired', '', { passes: 1, status: undefined }))).toEqual({
    kind: 'ifMatchRequired',
    subject: null,
    stage: 'learned',
    status: null,
    learnedAt: from,
    confirmedAt: until,
  });
});
