import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { IncompleteReading } from '../../../../src/model/errors.ts';
import { ConnectionLost, type SearchDone, type SearchItem } from '../../../../src/source/ldap/protocol/client.ts';
import { connect } from '../../../../src/source/ldap/protocol/connect.ts';
import { openClient } from '../../../../src/source/ldap/protocol/open-client.ts';
import { readEntry } from '../../../../src/source/ldap/protocol/entry.ts';
import {
  answer,
  done,
  entry,
  intermediate,
  notice,
  reference,
  result,
  scriptedDirectory,
  type ServerConnection,
  type SearchScript,
} from '../../../world/directory/scripted-server.ts';
import {
  connectionTo,
  collectSearch,
  neverAborted,
  numbersOf,
  person,
  search,
  openClientTo,
  upTo,
  type SearchOutcome,
} from '../client-fixture.ts';
import { entryBytes } from '../entries.ts';

jest.setTimeout(60_000);

const entriesIn = ({ items }: { readonly items: readonly SearchItem[] }): readonly Buffer[] =>
  items.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : []));

/** One search, and what came of it. */
async function runScript(script: SearchScript): Promise<SearchOutcome> {
  await using server = await scriptedDirectory(script);
  const client = await openClientTo(server);
  const found = await collectSearch(client);
  client.close();
  await client.closed;
  return found;
}

/** Reads at least `count` entries. @returns their numbers */
async function taken(
  found: AsyncGenerator<readonly SearchItem[], SearchDone>,
  count: number,
): Promise<readonly number[]> {
  const numbers: number[] = [];
  while (numbers.length < count) {
    const next = await found.next();
    if (next.done === true) throw new Error(`the search ended after ${numbers.length} of ${count} entries`);
    numbers.push(...numbersOf(entriesIn({ items: next.value })));
  }
  return numbers;
}

/** Far more turns of the event loop than anything here takes: seconds of them. */
const maxTurns = 5_000_000;

/** Waits without any clock, so that it works where time stands still. */
async function turnsUntil(what: string, isTrue: () => boolean): Promise<void> {
  for (let turns = 0; !isTrue(); turns += 1) {
    if (turns > maxTurns) throw new Error(`timed out waiting for ${what}`);
    await turn();
  }
}

describe('what a search asks', () => {
  test('has no limit of ours, and nothing but what was asked for', async () => {
    await using server = await scriptedDirectory(({ id }, line) => line.send(done(id)));
    const client = await openClientTo(server);
    await collectSearch(
      client,
      search({
        scope: 'one',
        attributes: ['cn', 'objectGUID'],
        controls: [
          { oid: '1.2.3', critical: true, value: Buffer.from('x') },
          { oid: '1.2.4', critical: false },
        ],
      }),
    );
    client.close();
    expect(server.searches).toEqual([
      {
        id: expect.any(Number),
        base: 'dc=example,dc=test',
        scope: 1,
        sizeLimit: 0,
        timeLimit: 0,
        filter: expect.stringMatching(/^870b/),
        attributes: ['cn', 'objectGUID'],
        controls: [
          { oid: '1.2.3', critical: true, value: Buffer.from('x') },
          { oid: '1.2.4', critical: false, value: undefined },
        ],
        page: undefined,
      },
    ]);
  });
});

describe('what a search gives', () => {
  test('is everything in its order, with controls of entries, intermediate responses and references', async () => {
    const state = { oid: '1.3.6.1.4.1.4203.1.9.1.2', value: Buffer.from('state') };
    const found = await runScript(({ id }, line) =>
      line.send(
        intermediate(id, '1.2.3', Buffer.from('begin')),
        entry(id, person(1), [state, { oid: '9.9' }]),
        reference(id, 'ldap://other/dc=x', 'ldap://third/'),
        entry(id, person(2)),
        intermediate(id),
        done(id, {
          code: 32,
          matchedDn: 'dc=test',
          message: 'no',
          controls: [{ oid: '1.1', value: Buffer.from('end') }],
        }),
      ),
    );
    expect(found.items).toEqual([
      { kind: 'intermediate', name: '1.2.3', value: Buffer.from('begin') },
      { kind: 'entry', bytes: person(1), controls: [state, { oid: '9.9', value: undefined }] },
      { kind: 'reference', urls: ['ldap://other/dc=x', 'ldap://third/'] },
      { kind: 'entry', bytes: person(2), controls: [] },
      { kind: 'intermediate', name: undefined, value: undefined },
    ]);
    expect(found.done).toMatchObject({
      code: 32,
      matchedDn: 'dc=test',
      message: 'no',
      referrals: [],
      controls: [{ oid: '1.1', value: Buffer.from('end') }],
    });
  });

  test('may be a referral to other servers', async () => {
    const { done: end } = await runScript(({ id }, line) =>
      line.send(done(id, { code: 10, referrals: ['ldap://a/dc=x', 'ldap://b/'] })),
    );
    expect(end).toMatchObject({ code: 10, referrals: ['ldap://a/dc=x', 'ldap://b/'] });
  });

  test('is complete, however it is split into packets', async () => {
    const found = await runScript(async ({ id }, line) => {
      const all = Buffer.concat([...upTo(40).map((number) => entry(id, person(number))), done(id)]);
      for (let at = 0; at < all.length; at += 7) {
        await line.send(all.subarray(at, at + 7));
        await turn();
      }
    });
    expect(numbersOf(entriesIn(found))).toEqual(upTo(40));
    expect(found.done?.code).toBe(0);
  });

  test('may be one entry of many megabytes', async () => {
    const members = upTo(60_000).map((number) => `uid=p${number},ou=people,dc=example,dc=test`);
    const found = await runScript(({ id }, line) =>
      line.send(entry(id, entryBytes('cn=all', { member: members })), done(id)),
    );
    expect(
      readEntry(entriesIn(found)[0] ?? Buffer.alloc(0))
        .attributes.get('member')
        ?.values.at(-1)
        ?.toString(),
    ).toBe(members.at(-1));
  });

  test('ignores responses to other searches', async () => {
    const found = await runScript(({ id }, line) =>
      line.send(entry(id + 77, person(9)), done(id + 77, { code: 4 }), entry(id, person(1)), done(id)),
    );
    expect(numbersOf(entriesIn(found))).toEqual([1]);
    expect(found.done?.code).toBe(0);
  });
});

describe('an incomplete result is an error', () => {
  test.each<[string, SearchScript, string]>([
    [
      'closed before a response',
      (_, line) => {
        line.end();
      },
      'closed the connection',
    ],
    [
      'closed after some entries',
      async ({ id }, line) => {
        await line.send(entry(id, person(1)), entry(id, person(2)));
        line.end();
      },
      'closed the connection',
    ],
    [
      'closed in the middle of an entry',
      async ({ id }, line) => {
        await line.send(entry(id, person(1)), entry(id, person(2)), entry(id, person(3)).subarray(0, 20));
        line.end();
      },
      'closed the connection',
    ],
    [
      'bytes of another protocol',
      ({ id }, line) =>
        line.send(entry(id, person(1)), entry(id, person(2)), Buffer.from('HTTP/1.1 500 Oops\r\n'), done(id)),
      'not an LDAP message',
    ],
    [
      'an invalid length',
      ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), Buffer.from([0x30, 0x80]), done(id)),
      'a message with an invalid length',
    ],
    [
      'a message without a message ID',
      ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), Buffer.from('30020500', 'hex'), done(id)),
      'expected element 0x02, found 0x05',
    ],
    [
      'a truncated SearchResultDone',
      ({ id }, line) =>
        line.send(entry(id, person(1)), entry(id, person(2)), answer(id, 0x65, [Buffer.from('0a0100', 'hex')])),
      'expected element 0x04, found the end',
    ],
    [
      'notice of disconnection',
      ({ id }, line) =>
        line.send(
          entry(id, person(1)),
          entry(id, person(2)),
          notice('maintenance', '1.3.6.1.4.1.1466.20036'),
          done(id),
        ),
      ': maintenance.',
    ],
    [
      'notice of disconnection without a name',
      ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), notice('maintenance'), done(id)),
      ': maintenance.',
    ],
    [
      'notice of disconnection without a message',
      ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), notice(''), done(id)),
      'is closing the connection.',
    ],
    [
      'the success of an extended operation',
      ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), result(id, 0x78, {})),
      'element 0x78 in response to a search',
    ],
    [
      'the success of a bind',
      ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), result(id, 0x61, {})),
      'element 0x61 in response to a search',
    ],
    [
      'an unknown operation',
      ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), result(id, 0x7e, {}), done(id)),
      'element 0x7e in response to a search',
    ],
  ])('%s', async (name, script, message) => {
    const found = await runScript(script);
    expect(found.done).toBeUndefined();
    expect(found.failure).toBeInstanceOf(ConnectionLost);
    expect(found.failure?.message).toContain(message);
    // Bytes that are no messages take those with them that came in the same packet.
    const isBlurred = ['closed before a response', 'bytes of another protocol', 'an invalid length'].includes(name);
    expect(isBlurred ? [[], [1], [1, 2]] : [[1, 2]]).toContainEqual(numbersOf(entriesIn(found)));
  });

  test('broken', async () => {
    let line: ServerConnection | undefined;
    await using server = await scriptedDirectory(({ id }, to) => {
      line = to;
      return to.send(entry(id, person(1)), entry(id, person(2)));
    });
    const client = await openClientTo(server);
    const found = client.search(search(), neverAborted);
    // What has not been taken from the system by then would hide the reset from it.
    expect(await taken(found, 2)).toEqual([1, 2]);
    line?.reset();
    const failure = await found.next().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectionLost);
    expect((failure as Error).message).toContain('ECONNRESET');
    await client.closed;
  });

  test('and the next search on that connection fails at once with the same error, without a reconnection', async () => {
    await using server = await scriptedDirectory((_, line) => {
      line.end();
    });
    const client = await openClientTo(server);
    const first = await collectSearch(client);
    const second = await collectSearch(client);
    expect(second.failure).toBe(first.failure);
    expect([server.searches.length, server.connections()]).toEqual([1, 1]);
  });

  test('a notice of something else ends nothing', async () => {
    const found = await runScript(({ id }, line) =>
      line.send(entry(id, person(1)), notice('by the way', '1.3.6.1.1.21.4'), entry(id, person(2)), done(id)),
    );
    expect(numbersOf(entriesIn(found))).toEqual([1, 2]);
    expect(found.done?.code).toBe(0);
  });
});

describe('a server that is silent', () => {
  const limitMs = 30_000;

  beforeEach(() => {
    // Time-outs alone stand still until a test lets them pass: sockets go on.
    jest.useFakeTimers({
      doNotFake: [
        'Date',
        'hrtime',
        'nextTick',
        'performance',
        'queueMicrotask',
        'setImmediate',
        'clearImmediate',
        'setInterval',
        'clearInterval',
      ],
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test.each<[string, (id: number) => readonly Buffer[], readonly number[]]>([
    ['from the beginning', () => [], []],
    ['after some', (id) => [entry(id, person(1)), entry(id, person(2))], [1, 2]],
    [
      'in the middle of an entry',
      (id) => [entry(id, person(1)), entry(id, person(2)), entry(id, person(3)).subarray(0, 20)],
      [1, 2],
    ],
  ])('%s is given up after the limit, and not before', async (_, responses, numbers) => {
    await using server = await scriptedDirectory(({ id }, line) => line.send(...responses(id)));
    const client = await openClientTo(server);
    const found = client.search(search({ timeoutMs: limitMs }), neverAborted);
    expect(await taken(found, numbers.length)).toEqual(numbers);
    let isOver = false;
    const next = found.next().finally(() => {
      isOver = true;
    });
    jest.advanceTimersByTime(limitMs - 1);
    await turn();
    expect(isOver).toBe(false);
    jest.advanceTimersByTime(1);
    await expect(next).rejects.toMatchObject({
      code: 'ldap.connectionLost',
      message: expect.stringContaining(`${limitMs} ms`),
    });
    await client.closed;
  });

  test('to one search is not late while it responds to another', async () => {
    const asked: { readonly id: number; readonly line: ServerConnection }[] = [];
    await using server = await scriptedDirectory(({ id }, line) => void asked.push({ id, line }));
    const client = await openClientTo(server);
    const waiting = collectSearch(client, search({ timeoutMs: limitMs }));
    const other = client.search(search({ timeoutMs: undefined }), neverAborted);
    for (const number of upTo(5)) {
      const next = other.next();
      await turnsUntil('both searches', () => asked.length === 2);
      jest.advanceTimersByTime(limitMs * 0.9);
      await asked[1]?.line.send(entry(asked[1].id, person(number)));
      expect(await next).toMatchObject({ done: false, value: [{ bytes: person(number) }] });
    }
    jest.advanceTimersByTime(limitMs - 1);
    await asked[0]?.line.send(entry(asked[0].id, person(9)), done(asked[0].id));
    const found = await waiting;
    expect([found.failure, found.done?.code, ...numbersOf(entriesIn(found))]).toEqual([undefined, 0, 9]);
    client.close();
  });

  test('is not late while the client does not wait', async () => {
    const asked: { readonly id: number; readonly line: ServerConnection }[] = [];
    await using server = await scriptedDirectory(({ id }, line) => {
      asked.push({ id, line });
      return line.send(entry(id, person(0)));
    });
    const client = await openClientTo(server);
    const found = client.search(search({ timeoutMs: limitMs }), neverAborted);
    expect(await taken(found, 1)).toEqual([0]);
    jest.advanceTimersByTime(86_400_000);
    await asked[0]?.line.send(entry(asked[0].id, person(1)), done(asked[0].id));
    expect(await taken(found, 1)).toEqual([1]);
    expect(await found.next()).toMatchObject({ done: true, value: { code: 0 } });
    client.close();
  });

  test('is not late while another search is paused by backpressure', async () => {
    const asked: { readonly id: number; readonly line: ServerConnection }[] = [];
    await using server = await scriptedDirectory(async ({ id }, line, number) => {
      asked.push({ id, line });
      await line.send(number === 1 ? entry(id, person(0)) : done(id));
    });
    const client = await openClientTo(server);
    const pause = jest.spyOn(Socket.prototype, 'pause');
    const slow = client.search(search({ timeoutMs: limitMs }), neverAborted);
    const numbers = [...(await taken(slow, 1))];
    const rest = upTo(5_000).slice(1);
    const [first] = asked;
    await first?.line.send(...rest.map((each) => entry(first.id, person(each))), done(first.id));
    await turnsUntil('the socket to be paused', () => pause.mock.calls.length > 0);
    pause.mockRestore();
    const waiting = collectSearch(client, search({ timeoutMs: limitMs }));
    await turnsUntil('the second search', () => asked.length === 2);
    for (const _ of upTo(3)) jest.advanceTimersByTime(limitMs);
    numbers.push(...(await taken(slow, 5_000 - numbers.length)));
    expect(numbers).toEqual(upTo(5_000));
    expect((await waiting).failure).toBeUndefined();
    client.close();
  });

  test('for a day is waited for where there is no limit', async () => {
    await using server = await scriptedDirectory(() => undefined);
    const client = await openClientTo(server);
    const stop = new AbortController();
    const waiting = collectSearch(client, search({ timeoutMs: undefined }), stop.signal);
    await turnsUntil('the search', () => server.searches.length === 1);
    jest.advanceTimersByTime(86_400_000);
    await turn();
    stop.abort(new Error('enough'));
    expect((await waiting).failure?.message).toBe('enough');
    client.close();
  });
});

describe('a search that is left', () => {
  test('is abandoned, and the connection stays good', async () => {
    await using server = await scriptedDirectory(async ({ id }, line, number) => {
      await line.send(...upTo(10).map((each) => entry(id, person(each))));
      if (number === 2) await line.send(done(id));
    });
    const client = await openClientTo(server);
    const found = client.search(search(), neverAborted);
    expect((await found.next()).done).toBe(false);
    await found.return({ code: 0, matchedDn: '', message: '', referrals: [], controls: [] });
    expect(numbersOf(entriesIn(await collectSearch(client)))).toEqual(upTo(10));
    expect(server.abandoned).toEqual([server.searches[0]?.id]);
    client.close();
  });

  test('by a signal ends with its reason, however fast the server goes on', async () => {
    const stop = new AbortController();
    await using server = await scriptedDirectory(async ({ id }, line) => {
      const some = Buffer.concat(upTo(100).map((each) => entry(id, person(each))));
      for (let afterwards = 0; afterwards < 200; afterwards += stop.signal.aborted ? 1 : 0) {
        await line.send(some);
        await turn();
      }
    });
    const client = await openClientTo(server);
    let count = 0;
    const reading = (async () => {
      for await (const items of client.search(search(), stop.signal)) {
        count += items.length;
        if (count > 5_000) stop.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    client.close();
  });

  test('with a signal that was given before, asks nothing', async () => {
    await using server = await scriptedDirectory(() => undefined);
    const client = await openClientTo(server);
    expect((await collectSearch(client, search(), AbortSignal.abort(new Error('too late')))).failure?.message).toBe(
      'too late',
    );
    expect(server.searches).toEqual([]);
    client.close();
  });

  test('by closing the client fails', async () => {
    await using server = await scriptedDirectory(({ id }, line) => line.send(entry(id, person(1))));
    const client = await openClientTo(server);
    const found = client.search(search(), neverAborted);
    await found.next();
    client.close();
    await expect(found.next()).rejects.toMatchObject({ code: 'ldap.connectionLost' });
    await client.closed;
  });
});

describe('a slow consumer', () => {
  const large = (number: number): Buffer =>
    entryBytes(`uid=p${number},dc=example,dc=test`, { description: ['x'.repeat(16_000)] });
  const total = 2_500;

  /** Waits until a number grows no more, however often the event loop turns. */
  async function standstill(of: () => number): Promise<void> {
    for (let [before, turns] = [of(), 0]; turns < 200; turns += 1) {
      await turn();
      if (of() !== before) [before, turns] = [of(), 0];
    }
  }

  test('gets everything, and no more than a few megabytes wait for them', async () => {
    let sent = 0;
    await using server = await scriptedDirectory(async ({ id }, line) => {
      for (; sent < total; sent += 50) await line.send(...upTo(50, sent).map((number) => entry(id, large(number))));
      await line.send(done(id));
    });
    const client = await openClientTo(server);
    const found = client.search(search(), neverAborted);
    const first = await found.next();
    await standstill(() => sent);
    expect(sent).toBeLessThan(total * 0.8);
    const numbers = [
      ...numbersOf(
        first.done === true ? [] : first.value.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : [])),
      ),
    ];
    let most = 0;
    for await (const items of found) {
      const bytes = items.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : []));
      most = Math.max(
        most,
        bytes.reduce((sum, each) => sum + each.length, 0),
      );
      numbers.push(...numbersOf(bytes));
    }
    expect(numbers).toEqual(upTo(total));
    expect(most).toBeLessThan(10 * 1024 * 1024);
    client.close();
  });

  test('and leaves lets the next search through', async () => {
    let sent = 0;
    await using server = await scriptedDirectory(async ({ id }, line, number) => {
      if (number === 1)
        for (; sent < total; sent += 50) await line.send(...upTo(50, sent).map((each) => entry(id, large(each))));
      await line.send(done(id));
    });
    const client = await openClientTo(server);
    const found = client.search(search(), neverAborted);
    await found.next();
    await standstill(() => sent);
    expect(sent).toBeLessThan(total * 0.8);
    await found.return({ code: 0, matchedDn: '', message: '', referrals: [], controls: [] });
    expect((await collectSearch(client)).done?.code).toBe(0);
    client.close();
  });

  test('gets what came before the connection was closed, and then the failure', async () => {
    await using server = await scriptedDirectory(async ({ id }, line) => {
      await line.send(...upTo(1_000).map((number) => entry(id, person(number))));
      line.end();
    });
    const client = await openClientTo(server);
    const found = client.search(search(), neverAborted);
    const first = await found.next();
    await client.closed;
    const numbers =
      first.done === true
        ? []
        : [...numbersOf(first.value.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : [])))];
    const reading = (async () => {
      for await (const items of found)
        numbers.push(...numbersOf(items.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : []))));
    })();
    await expect(reading).rejects.toThrow(ConnectionLost);
    expect(numbers).toEqual(upTo(1_000));
  });
});

test('two concurrent searches on one connection get their own responses', async () => {
  const ids: number[] = [];
  await using server = await scriptedDirectory(async ({ id }, line) => {
    ids.push(id);
    const [first, second] = ids;
    if (first === undefined || second === undefined) return;
    for (const number of upTo(3_000))
      await line.send(entry(first, person(number)), entry(second, person(number + 10_000)));
    await line.send(done(second), entry(first, person(3_000)), done(first, { code: 4 }));
  });
  const client = await openClientTo(server);
  const [one, other] = await Promise.all([collectSearch(client), collectSearch(client)]);
  expect(numbersOf(entriesIn(one))).toEqual(upTo(3_001));
  expect(numbersOf(entriesIn(other))).toEqual(upTo(3_000, 10_000));
  expect([one.done?.code, other.done?.code]).toEqual([4, 0]);
  client.close();
});

describe('a connection', () => {
  test('goes to the first server that responds', async () => {
    await using server = await scriptedDirectory(() => undefined);
    const client = await connect(
      { ...connectionTo('ldap://127.0.0.1:1'), urls: ['ldap://127.0.0.1:1', server.url] },
      neverAborted,
    );
    expect(client.url).toBe(server.url);
    client.close();
    await client.closed;
  });

  test('that no server accepts reports the reason of each server once', async () => {
    const attempt = connect({ ...connectionTo(''), urls: ['ldap://127.0.0.1:1', 'ldap://127.0.0.1:2'] }, neverAborted);
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(IncompleteReading);
    expect(error).toMatchObject({ code: 'ldap.connectFailed' });
    expect(String(error).match(/ldap:\/\/127\.0\.0\.1:\d: connection refused/g)).toEqual([
      'ldap://127.0.0.1:1: connection refused',
      'ldap://127.0.0.1:2: connection refused',
    ]);
  });

  test('with an empty password fails: the server would take it as an anonymous bind', async () => {
    await using server = await scriptedDirectory(() => undefined);
    const bind = { method: 'simple', dn: 'cn=reader', password: () => '' } as const;
    await expect(openClient(server.url, { ...connectionTo(server.url), bind }, neverAborted)).rejects.toThrow(
      'the password of "cn=reader" is empty',
    );
  });
});
