import { expect, test } from '@jest/globals';
import { seededRandom, randomInt } from '../../world/random.ts';
import { operationContext, members, never, memberRefs, target } from '../fixtures.ts';
import { refusal, scriptedServer, type Script, type Scripted, type Seen } from '../scripted-server.ts';

const pick = <T>(random: () => number, list: readonly T[]): T => list[randomInt(random, list.length)] as T;
const keyOf = (id: string): string => id.slice('id-'.length);

/** The members that a PATCH adds and removes, in every form of the profiles. */
function patchedKeys({ body }: Seen): { readonly add: readonly string[]; readonly remove: readonly string[] } {
  const listOf = (value: any): readonly string[] =>
    (value?.members ?? value ?? []).map((one: { value: string }) => keyOf(one.value));
  const of = (wanted: string): readonly any[] =>
    body.Operations.filter(({ op }: { op: string }) => op.toLowerCase() === wanted);
  const add = of('add').flatMap(({ value }) => listOf(value));
  const remove = of('remove').flatMap(({ path, value }) =>
    path === 'members' ? listOf(value) : [keyOf(/"(.*)"/.exec(path)?.[1] ?? '')],
  );
  return { add, remove };
}

/** A group at an application that rejects members, drops them without an error, or returns incomplete responses. */
function application(random: () => number, keys: readonly string[]) {
  const group = new Set(keys.filter(() => randomInt(random, 4) === 0));
  const mostBad = randomInt(random, 10);
  const bad = new Set(keys.filter((key) => !group.has(key) && randomInt(random, 3) === 0).slice(0, mostBad));
  const isSilent = randomInt(random, 3) === 0;
  const unknown = pick(random, [refusal(400, 'invalidValue'), refusal(404), refusal(500)]);
  const there = pick<Scripted | undefined>(random, [undefined, undefined, refusal(409), refusal(500), refusal(400)]);
  const notThere = pick<Scripted | undefined>(random, [undefined, refusal(400, 'noTarget'), refusal(404)]);
  const most = pick(random, [Number.POSITIVE_INFINITY, 5, 2]);
  const shows = isSilent || there !== undefined || randomInt(random, 2) === 0;
  const shown = (): Scripted => ({
    body: { id: 'id-eng', ...(shows ? { members: [...group].map((key) => ({ value: `id-${key}` })) } : {}) },
  });

  const loses = pick(random, [null, null, 4]);

  const script: Script = (request) => {
    if (request.method === 'GET') return shown();
    const wholeList = wholeListOf(request);
    const { add, remove } = wholeList === undefined ? patchedKeys(request) : inWhole(wholeList);
    if (wholeList === undefined) {
      if (add.length + remove.length > most) return { status: 413, body: '<html>too large</html>' };
      if (there !== undefined && add.some((key) => group.has(key))) return there;
      if (notThere !== undefined && remove.some((key) => !group.has(key))) return notThere;
    }
    if (!isSilent && add.some((key) => bad.has(key))) return unknown;
    for (const key of add) if (!bad.has(key)) group.add(key);
    for (const key of remove) group.delete(key);
    // A PATCH of a large group keeps only the first members.
    if (request.method === 'PATCH')
      for (const key of [...group].slice(loses ?? Number.POSITIVE_INFINITY)) group.delete(key);
    return pick<Scripted>(random, [{ status: 204 }, shown(), { body: {} }]);
  };
  const wholeListOf = ({ method, body }: Seen): readonly { readonly value: string }[] | undefined =>
    method === 'PUT'
      ? body.members
      : body.Operations.find(({ op }: { op: string }) => op.toLowerCase() === 'replace')?.value;
  const inWhole = (
    list: readonly { readonly value: string }[],
  ): { readonly add: readonly string[]; readonly remove: readonly string[] } => {
    const wanted = new Set<string>(list.map(({ value }) => keyOf(value)));
    return { add: [...wanted].filter((key) => !group.has(key)), remove: [...group].filter((key) => !wanted.has(key)) };
  };
  return { group, bad, isSilent, shows, loses, script };
}

test.each(Array.from({ length: 120 }, (_, seed) => [seed]))(
  'accepted members are added, removals are done, and the outcome equals the group (%i)',
  async (seed) => {
    const random = seededRandom(seed);
    const keys = Array.from({ length: 2 + randomInt(random, 24) }, (_each, index) => `m${index}`);
    const app = application(random, keys);
    const asItWas = memberRefs(...app.group);
    const leaving = keys.filter((key) => !app.bad.has(key) && randomInt(random, 3) === 0);
    const coming = keys.filter((key) => !leaving.includes(key));
    await using server = await scriptedServer(app.script);
    using made = target(server.url, {
      protocol: {
        addMembers: pick(random, ['list', 'object', 'noPath', ...(app.shows ? (['replace'] as const) : [])]),
        removeMembers: pick(random, ['filter', 'list']),
        patchOps: pick(random, ['lower', 'title']),
        updateGroups: pick(random, ['auto', 'auto', 'put', app.shows ? 'getThenPut' : 'put']),
        returnsMembers: app.shows,
        verifyWrites: app.isSilent ? 'members' : 'never',
      },
      limits: {
        membersPerRequest: pick(random, [1, 3, 100]),
        removalsPerRequest: pick(random, [null, 1]),
        addAndRemoveTogether: randomInt(random, 2) === 0,
        operationsPerPatch: pick(random, [null, 1, 4]),
        maxPatchableGroupSize: app.loses,
        maxPayloadSize: pick(random, [400, 100_000]),
      },
    });
    const { outcome } = await made.perform(
      operationContext(members(coming, leaving), {
        members: asItWas,
        knownResource: { displayName: 'Engineering' },
      }),
      never,
    );

    const left = new Set(
      outcome.kind === 'done' ? (outcome.rejectedMembers ?? []).map(({ key }): string => key) : keys,
    );
    expect(outcome.kind).toBe(keys.every((key) => app.bad.has(key)) ? 'rejected' : 'done');
    expect(coming.filter((key) => !app.bad.has(key) && !app.group.has(key))).toEqual([]);
    expect(leaving.filter((key) => app.group.has(key))).toEqual([]);
    expect(coming.filter((key) => !left.has(key) && !app.group.has(key))).toEqual([]);
    expect([...left].filter((key) => !app.bad.has(key))).toEqual([]);
  },
);
