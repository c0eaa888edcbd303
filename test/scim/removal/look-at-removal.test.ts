import { describe, expect, test } from '@jest/globals';
import { remoteId } from '../../../src/model/ids.ts';
import type { LookRequest } from '../../../src/scim/target.ts';
import { idOf, never, target } from '../fixtures.ts';
import { page, refusal, scriptedServer, type Scripted } from '../scripted-server.ts';

const account = (id: string, active = true, externalId = 'k1') => ({ id, externalId, active });
const look = (changes: Partial<LookRequest> = {}): LookRequest => ({
  action: 'deactivate',
  resourceType: 'User',
  remoteId: idOf('ada'),
  body: { userName: 'ada', externalId: 'k1' },
  paths: ['userName'],
  externalId: 'k1',
  isReadNeeded: true,
  isThorough: true,
  mayHaveDuplicates: false,
  isReadBefore: false,
  externalIdControls: [{ remoteId: remoteId('c'), externalId: 'kc' }],
  ...changes,
});

interface Answers {
  readonly search?: Scripted;
  readonly control?: Scripted;
  readonly read?: Scripted;
  readonly byName?: Scripted;
}

const search = 'GET /Users?filter=externalId eq "k1"';
const control = 'GET /Users?filter=externalId eq "kc"';
const byName = 'GET /Users?filter=userName eq "ada"';
const read = 'GET /Users/id-ada';

/** Looks once for each request, and again in the same pass. */
async function looking(requests: readonly LookRequest[], answers: Answers) {
  await using server = await scriptedServer(({ url }) => {
    if (!url.includes('filter=')) return answers.read ?? { body: account('id-ada', false) };
    if (url.includes('userName')) return answers.byName ?? page([]);
    return url.includes('kc') ? (answers.control ?? page([account('c', true, 'kc')])) : (answers.search ?? page([]));
  });
  using app = target(server.url);
  const looks = [];
  for (const request of requests) looks.push(await app.lookAtRemoval(request, never));
  return { looks, lines: server.lines(), counters: app.counters, facts: app.learned.facts };
}

const closed = account('id-ada', false);

describe('a look at a removal', () => {
  test.each<[string, Partial<LookRequest>, Answers, readonly string[], string | undefined, readonly string[]]>([
    ['one search shows all', {}, { search: page([closed, account('2')]) }, [search], 'confirmed', ['2']],
    ['closed others stay', {}, { search: page([closed, account('2', false)]) }, [search], 'confirmed', []],
    ['other externalIds stay', {}, { search: page([closed, account('2', true, 'K1')]) }, [search], 'confirmed', []],
    ['a late search', {}, { search: page([account('id-ada')]) }, [search, read], 'confirmed', []],
    [
      'an open account',
      {},
      { search: page([account('id-ada')]), read: { body: account('id-ada') } },
      [search, read],
      'contradicted',
      [],
    ],
    ['inactive ones are hidden', {}, {}, [search, read, control], 'confirmed', []],
    ['a shown removal', { isReadNeeded: false }, { search: page([closed]) }, [search], 'confirmed', []],
    ['a shown removal, hidden', { isReadNeeded: false }, {}, [search, control], undefined, []],
    ['a refused search', {}, { search: refusal(403) }, [search, read], 'confirmed', []],
    ['no externalId', { externalId: undefined }, {}, [read], 'confirmed', []],
    [
      'a deletion',
      { action: 'delete' },
      { search: page([account('2', false), account('3')]), read: { status: 404 } },
      [search, read, control],
      'confirmed',
      ['2', '3'],
    ],
  ])('%s', async (_, changes, answers, expected, verdict, others) => {
    const { looks, lines, counters } = await looking([look(changes)], answers);
    expect(lines).toEqual(expected);
    expect(looks[0]?.verdict?.kind).toBe(verdict);
    expect(looks[0]?.others.map(({ remoteId: id }) => id)).toEqual(others);
    expect(counters).toMatchObject({ requests: 0, verifications: expected.length });
  });

  test('where not even an active account is found, externalIds are searched no more', async () => {
    const answers = { control: page([]) };
    const { lines, facts } = await looking([look(), look(), look({ isReadNeeded: false })], answers);
    expect(lines).toEqual([search, read, control, read]);
    expect(facts).toMatchObject([{ kind: 'externalIdNotFound', subject: 'User' }]);
  });

  const gone = { action: 'delete', body: { userName: 'ada', externalId: 'k1' } } as const;
  const notFound = { status: 404 };
  const otherId = page([{ id: '2', userName: 'ada', active: true }]);

  test.each<[string, Partial<LookRequest>, Answers, readonly string[], string | undefined, object]>([
    [
      'no externalId is found: by userName',
      {},
      { control: page([]), byName: otherId },
      [search, read, control, search, byName],
      'contradicted',
      {},
    ],
    [
      'the control has another id',
      {},
      { control: page([account('c2', true, 'kc')]) },
      [search, read, control],
      'confirmed',
      {},
    ],
    ['no control is known', { externalIdControls: [] }, {}, [search, read], 'confirmed', {}],
    [
      'without an externalId: by userName',
      { externalId: undefined },
      { byName: otherId },
      [read, search, byName],
      'contradicted',
      {},
    ],
    [
      'searches are refused: the list decides',
      { externalId: undefined },
      { search: refusal(400), byName: refusal(400) },
      [read, search, byName],
      'confirmed',
      { isProvableByList: true },
    ],
    [
      'a gateway answers the search',
      {},
      { search: refusal(502) },
      [search, search, search, search, search, read],
      'confirmed',
      { isSearchFailed: true },
    ],
    [
      'the second look at many searches only',
      { isThorough: false, isReadBefore: true },
      { search: page([account('2')]) },
      [search, control],
      undefined,
      {},
    ],
  ])('a deletion whose id is gone; %s', async (_, changes, answers, expected, verdict, rest) => {
    const { looks, lines } = await looking([look({ ...gone, ...changes })], { read: notFound, ...answers });
    expect(lines).toEqual(expected);
    const [{ verdict: shown, others: _others, ...flags } = { verdict: undefined, others: [] }] = looks;
    expect(shown?.kind).toBe(verdict);
    expect(flags).toEqual(rest);
  });

  test('a gateway that fails once is no fact; refusals of two accounts are one', async () => {
    const second = look({ externalId: 'k2', body: { userName: 'ben', externalId: 'k2' } });
    expect((await looking([look()], { search: refusal(502) })).facts).toEqual([]);
    const { facts } = await looking([look(), second], { search: refusal(400) });
    expect(facts).toMatchObject([{ kind: 'externalIdSearchRefused', resources: 2 }]);
  });

  test('where only active accounts are found, many removals cost one request each', async () => {
    const many = { isThorough: false };
    const { lines } = await looking([look(many), look(many), look({ ...many, isReadNeeded: false })], {});
    expect(lines).toEqual([search, read, control, read, search]);
  });

  test('after a create in doubt, a search without an answer, or without the account itself, is reported', async () => {
    const inDoubt = look({ mayHaveDuplicates: true });
    const refused = await looking([inDoubt, inDoubt], { search: refusal(403) });
    expect(refused.looks.map(({ othersUnknown }) => othersUnknown)).toEqual(
      ['403', '403'].map(() => expect.anything()),
    );
    const hidden = await looking([inDoubt], {});
    expect(hidden.looks[0]).toMatchObject({ isInconclusive: true });
    const shown = await looking([inDoubt], { search: page([closed]) });
    expect(shown.looks[0]).not.toHaveProperty('isInconclusive');
  });

  test.each([
    ['all accounts', 2, []],
    ['some of them', 20, expect.anything()],
  ])('a target that ignores the filter and lists %s', async (_, total, unknown) => {
    const rows = page([closed, account('9', true, 'k9')], total);
    const { looks } = await looking([look({ mayHaveDuplicates: true })], { search: rows });
    expect(looks[0]?.othersUnknown ?? []).toEqual(unknown);
    expect(looks[0]?.others).toEqual([]);
  });
});
