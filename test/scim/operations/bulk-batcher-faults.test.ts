import { expect, test } from '@jest/globals';
import { sourceKey, type RemoteId, type SourceKey } from '../../../src/model/ids.ts';
import type { ResourceType } from '../../../src/model/resource-type.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { PerformOutcome } from '../../../src/scim/operation-context.ts';
import { managerPath } from '../../../src/model/path.ts';
import { seededRandom, shuffled, randomInt } from '../../world/random.ts';
import { idsFor, operationContext, create, idOf, members, never, target } from '../fixtures.ts';
import { refusal, scriptedServer, type Script, type Scripted, type Seen } from '../scripted-server.ts';

interface Account {
  readonly externalId: string;
  readonly manager: string | undefined;
}

/** An application with users and one group that executes Bulk requests, and fails in many ways. */
function application(random: () => number) {
  const accounts = new Map<string, Account>();
  const group = new Set<string>();
  const happens = (oneIn: number): boolean => randomInt(random, oneIn) === 0;
  const managerOf = (data: object): string | undefined =>
    Object.values(data)
      .map((value: any) => value?.manager?.value)
      .find((value) => value !== undefined);
  const knows = (id: string): boolean => accounts.has(id);

  /** Whether the operation succeeded, with the error detail. */
  function carryOut(
    method: string,
    path: string,
    data: any,
  ): Required<Pick<Scripted, 'status' | 'body'>> & { readonly id?: string } {
    if (method === 'POST') {
      const manager = managerOf(data);
      if (manager !== undefined && !knows(manager))
        return { status: 400, body: { scimType: 'invalidValue', detail: `no user has the id ${manager}` } };
      if ([...accounts.values()].some(({ externalId }) => externalId === data.externalId))
        return { status: 409, body: { scimType: 'uniqueness' } };
      const id = `at-${accounts.size}`;
      accounts.set(id, { externalId: data.externalId, manager });
      return { status: 201, body: { id }, id };
    }
    const ids: readonly string[] = data.Operations[0].value.map(({ value }: { value: string }) => value);
    if (!ids.every(knows)) return { status: 404, body: { detail: 'no such member' } };
    for (const id of ids) group.add(id);
    return { status: 200, body: { id: path.split('/')[2] } };
  }

  function together({ body }: Seen): Scripted | 'drop' {
    const given = new Map<string, string>();
    const inIds = (data: unknown): unknown =>
      JSON.parse(JSON.stringify(data), (_key, value: unknown) =>
        typeof value === 'string' && value.startsWith('bulkId:') ? (given.get(value.slice(7)) ?? value) : value,
      );
    const Operations = body.Operations.flatMap(({ method, path, bulkId, data }: any) => {
      if (happens(12)) return [{ method, bulkId, status: '429', ...(method === 'POST' ? {} : { location: path }) }];
      if (happens(12)) return [{ method, bulkId, status: '500', ...(method === 'POST' ? {} : { location: path }) }];
      const { status, body: response, id } = carryOut(method, path, inIds(data));
      if (id !== undefined) given.set(bulkId, id);
      if (happens(12)) return [];
      return [
        {
          method,
          bulkId,
          status: happens(2) ? status : String(status),
          location: id === undefined ? path : `https://x.example${path}/${id}`,
          ...(happens(2) && status < 300 ? {} : { response }),
        },
      ];
    });
    if (happens(6)) return 'drop';
    if (happens(8)) return refusal(504);
    return { body: { Operations: happens(2) ? shuffled(random, Operations) : Operations } };
  }

  function search({ url }: Seen): Scripted {
    const wanted = /eq "([^"]*)"/.exec(decodeURIComponent(url))?.[1];
    const Resources = [...accounts].flatMap(([id, { externalId }]) =>
      externalId === wanted ? [{ id, externalId, userName: externalId, active: true }] : [],
    );
    return { body: { totalResults: Resources.length, Resources } };
  }

  const script: Script = (request) => {
    const { method, url, body } = request;
    if (method === 'GET')
      return url.startsWith('/Groups/')
        ? { body: { id: 'id-eng', members: [...group].map((value) => ({ value })) } }
        : search(request);
    if (url !== '/Bulk') return happens(10) ? refusal(503) : carryOut(method, url, body);
    if (happens(10)) return refusal(413);
    return happens(10) ? refusal(503) : together(request);
  };
  return { accounts, group, script };
}

test.each(Array.from({ length: 40 }, (_, seed) => [seed]))(
  'faults of Bulk requests cause no duplicate and no mistaken account (%i)',
  async (seed) => {
    const random = seededRandom(seed);
    const app = application(random);
    const ids = new Map<SourceKey, RemoteId>();
    const resolve = (resourceType: ResourceType, key: SourceKey): RemoteId | undefined =>
      resourceType === 'Group' ? idOf('eng') : ids.get(key);
    await using server = await scriptedServer(app.script);

    const keys = Array.from({ length: 30 }, (_, index) => `p${index}`);
    const managers = new Map(
      keys.map((key, index) => [
        key,
        index > 0 && randomInt(random, 2) === 0 ? `p${randomInt(random, index)}` : undefined,
      ]),
    );
    const joined = new Set<string>();
    const completed: string[] = [];
    for (let pass = 0; pass < 12 && (ids.size < keys.length || joined.size < keys.length); pass += 1) {
      using made = target(server.url, { protocol: { bulk: 'offered' } });
      made.applyDiscovery({ bulk: { supported: true, maxOperations: 2 + randomInt(random, 20) } });
      const perform = async (operation: Operation, onOutcome: (outcome: PerformOutcome) => void): Promise<void> =>
        made.submit(async () => {
          const context = { ids: idsFor(operation, resolve), isInDoubt: pass > 0 };
          onOutcome((await made.perform(operationContext(operation, context), never)).outcome);
        });
      for (const key of keys.filter((each) => !ids.has(sourceKey(each)))) {
        const manager = managers.get(key);
        await perform(
          create(key, {
            userName: key,
            externalId: key,
            active: true,
            ...(manager === undefined ? {} : { [managerPath]: manager }),
          }),
          (outcome) => {
            const id =
              outcome.kind === 'done'
                ? outcome.remoteId
                : outcome.kind === 'existing'
                  ? outcome.resource.remoteId
                  : undefined;
            if (id !== undefined) ids.set(sourceKey(key), id);
            if (outcome.kind === 'done' && outcome.unresolved === undefined && outcome.status === 201)
              completed.push(key);
          },
        );
      }
      const due = keys.filter((key) => !joined.has(key));
      for (let at = 0; at < due.length; at += 5) {
        const part = members(due.slice(at, at + 5));
        await perform(part, (outcome) => {
          if (outcome.kind !== 'done') return;
          for (const { key } of part.add)
            if (outcome.rejectedMembers?.some((out) => out.key === key) !== true) joined.add(key);
        });
      }
      await made.idle();
    }

    const there = [...app.accounts].map(([id, { externalId }]) => [externalId, id]);
    expect(there.map(([key]) => key).sort()).toEqual([...keys].sort());
    expect(Object.fromEntries(ids)).toEqual(Object.fromEntries(there));
    expect([...joined].sort()).toEqual([...keys].sort());
    expect(app.group).toEqual(new Set(ids.values()));
    // An acknowledged manager is the right one.
    for (const key of completed) {
      const manager = managers.get(key);
      expect(app.accounts.get(ids.get(sourceKey(key))!)?.manager).toBe(
        manager === undefined ? undefined : ids.get(sourceKey(manager)),
      );
    }
  },
);
