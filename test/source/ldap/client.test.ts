import { describe, expect, jest, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { IncompleteReading } from '../../../src/model/errors.ts';
import { ConnectionLost, openClient } from '../../../src/source/ldap/client.ts';
import { connect } from '../../../src/source/ldap/connect.ts';
import { readEntry } from '../../../src/source/ldap/entry.ts';
import { answer, done, entry, intermediate, notice, reference, result, scriptedDirectory, type SearchScript } from '../../world/directory/scripted.ts';
import { connectionTo, hear, never, numbersOf, person, search, talkTo, upTo, type Heard } from './conversation.ts';
import { entryBytes } from './entries.ts';

jest.setTimeout(60_000);

const entriesIn = ({ items }: Heard): readonly Buffer[] => items.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : []));

/** One search, and what came of it. */
async function heard(script: SearchScript, timeoutMs = 5_000): Promise<Heard> {
  await using server = await scriptedDirectory(script);
  const client = await talkTo(server);
  const found = await hear(client, search({ timeoutMs }));
  client.close();
  await client.closed;
  return found;
}

describe('what a search asks', () => {
  test('has no limit of ours, and nothing but what was asked for', async () => {
    await using server = await scriptedDirectory(({ id }, line) => line.send(done(id)));
    const client = await talkTo(server);
    await hear(client, search({ scope: 'one', attributes: ['cn', 'objectGUID'], controls: [{ oid: '1.2.3', critical: true, value: Buffer.from('x') }, { oid: '1.2.4', critical: false }] }));
    client.close();
    expect(server.searches).toEqual([{
      id: expect.any(Number), base: 'dc=example,dc=test', scope: 1, sizeLimit: 0, timeLimit: 0, filter: expect.stringMatching(/^870b/), attributes: ['cn', 'objectGUID'],
      controls: [{ oid: '1.2.3', critical: true, value: Buffer.from('x') }, { oid: '1.2.4', critical: false, value: undefined }], page: undefined,
    }]);
  });
});

describe('what a search gives', () => {
  test('is everything in its order, with controls of entries, intermediate responses and references', async () => {
    const state = { oid: '1.3.6.1.4.1.4203.1.9.1.2', value: Buffer.from('state') };
    const found = await heard(({ id }, line) => line.send(
      intermediate(id, '1.2.3', Buffer.from('begin')), entry(id, person(1), [state, { oid: '9.9' }]), reference(id, 'ldap://other/dc=x', 'ldap://third/'), entry(id, person(2)), intermediate(id),
      done(id, { code: 32, matchedDn: 'dc=test', message: 'no', controls: [{ oid: '1.1', value: Buffer.from('end') }] })));
    expect(found.items).toEqual([
      { kind: 'intermediate', name: '1.2.3', value: Buffer.from('begin') },
      { kind: 'entry', bytes: person(1), controls: [state, { oid: '9.9', value: undefined }] },
      { kind: 'reference', urls: ['ldap://other/dc=x', 'ldap://third/'] },
      { kind: 'entry', bytes: person(2), controls: [] },
      { kind: 'intermediate', name: undefined, value: undefined },
    ]);
    expect(found.done).toMatchObject({ code: 32, matchedDn: 'dc=test', message: 'no', referrals: [], controls: [{ oid: '1.1', value: Buffer.from('end') }] });
  });

  test('may be a referral to other servers', async () => {
    const { done: end } = await heard(({ id }, line) => line.send(done(id, { code: 10, referrals: ['ldap://a/dc=x', 'ldap://b/'] })));
    expect(end).toMatchObject({ code: 10, referrals: ['ldap://a/dc=x', 'ldap://b/'] });
  });

  test('comes whole in whatever pieces', async () => {
    const found = await heard(async ({ id }, line) => {
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
    const found = await heard(({ id }, line) => line.send(entry(id, entryBytes('cn=all', { member: members })), done(id)));
    expect(readEntry(entriesIn(found)[0] ?? Buffer.alloc(0)).attributes.get('member')?.values.at(-1)?.toString()).toBe(members.at(-1));
  });

  test('leaves answers to others aside', async () => {
    const found = await heard(({ id }, line) => line.send(entry(id + 77, person(9)), done(id + 77, { code: 4 }), entry(id, person(1)), done(id)));
    expect(numbersOf(entriesIn(found))).toEqual([1]);
    expect(found.done?.code).toBe(0);
  });
});

describe('a search that does not come to its end never looks as if it had', () => {
  test.each<[string, SearchScript, string]>([
    ['closed at once', (_, line) => {
      line.end();
    }, 'closed the connection'],
    ['closed after some', async ({ id }, line) => {
      await line.send(entry(id, person(1)), entry(id, person(2)));
      line.end();
    }, 'closed the connection'],
    ['closed in the middle of an entry', async ({ id }, line) => {
      await line.send(entry(id, person(1)), entry(id, person(2)), entry(id, person(3)).subarray(0, 20));
      line.end();
    }, 'closed the connection'],
    ['broken', async ({ id }, line) => {
      await line.send(entry(id, person(1)), entry(id, person(2)));
      await turn();
      line.reset();
    }, 'ECONNRESET'],
    ['silent after some', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2))), 'has not answered for 300 ms'],
    ['silent in the middle of an entry', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), entry(id, person(3)).subarray(0, 20)), 'has not answered for 300 ms'],
    ['bytes of something else', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), Buffer.from('HTTP/1.1 500 Oops\r\n'), done(id)), 'sent what is no LDAP message: this is no LDAP message'],
    ['an impossible length', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), Buffer.from([0x30, 0x80]), done(id)), 'a message with a length that LDAP does not have'],
    ['a message without a number', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), Buffer.from('30020500', 'hex'), done(id)), 'expected element 0x02, found 0x05'],
    ['an end that breaks off', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), answer(id, 0x65, [Buffer.from('0a0100', 'hex')])), 'expected element 0x04, found the end'],
    ['notice of disconnection', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), notice('time to go', '1.3.6.1.4.1.1466.20036'), done(id)), 'is ending the connection: time to go.'],
    ['notice of disconnection without a name', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), notice('time to go'), done(id)), 'is ending the connection: time to go.'],
    ['notice of disconnection without a word', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), notice(''), done(id)), 'is ending the connection.'],
    ['the success of an extended operation', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), result(id, 0x78, {})), 'element 0x78 as an answer to a search'],
    ['the success of a bind', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), result(id, 0x61, {})), 'element 0x61 as an answer to a search'],
    ['an operation that nobody knows', ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), result(id, 0x7e, {}), done(id)), 'element 0x7e as an answer to a search'],
  ])('%s', async (name, script, message) => {
    const found = await heard(script, 300);
    expect(found.done).toBeUndefined();
    expect(found.failure).toBeInstanceOf(ConnectionLost);
    expect(found.failure?.message).toMatch(/^(?:the connection to )?ldap:\/\/127\.0\.0\.1:\d+ .*\. The reading is not complete: nothing was planned, everything stays as it is\.$/);
    expect(found.failure?.message).toContain(message);
    // Bytes that are no messages take those with them that came in the same packet.
    const isBlurred = ['closed at once', 'bytes of something else', 'an impossible length'].includes(name);
    expect(isBlurred ? [[], [1], [1, 2]] : [[1, 2]]).toContainEqual(numbersOf(entriesIn(found)));
  });

  test('and the next one on that connection fails at once, with the same reason; nobody connects again', async () => {
    await using server = await scriptedDirectory((_, line) => {
      line.end();
    });
    const client = await talkTo(server);
    const first = await hear(client);
    const second = await hear(client);
    expect(second.failure).toBe(first.failure);
    expect([server.searches.length, server.connections()]).toEqual([1, 1]);
  });

  test('a notice of something else ends nothing', async () => {
    const found = await heard(({ id }, line) => line.send(entry(id, person(1)), notice('by the way', '1.3.6.1.1.21.4'), entry(id, person(2)), done(id)));
    expect(numbersOf(entriesIn(found))).toEqual([1, 2]);
    expect(found.done?.code).toBe(0);
  });

  test('a server that says something now and then is not silent', async () => {
    const found = await heard(async ({ id }, line) => {
      for (const number of upTo(8)) {
        await line.send(number % 2 === 0 ? entry(id, person(number)) : intermediate(id));
        await new Promise((resume) => setTimeout(resume, 100));
      }
      await line.send(done(id));
    }, 400);
    expect(numbersOf(entriesIn(found))).toEqual([0, 2, 4, 6]);
    expect(found.done?.code).toBe(0);
  });

  test('a search without a limit waits', async () => {
    await using server = await scriptedDirectory(() => undefined);
    const client = await talkTo(server);
    const stop = new AbortController();
    const waiting = hear(client, search({ timeoutMs: undefined }), stop.signal);
    expect(await Promise.race([waiting, new Promise((resume) => setTimeout(resume, 500, 'waits'))])).toBe('waits');
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
    const client = await talkTo(server);
    const found = client.search(search(), never);
    expect((await found.next()).done).toBe(false);
    await found.return({ code: 0, matchedDn: '', message: '', referrals: [], controls: [] });
    expect(numbersOf(entriesIn(await hear(client)))).toEqual(upTo(10));
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
    const client = await talkTo(server);
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
    const client = await talkTo(server);
    expect((await hear(client, search(), AbortSignal.abort(new Error('too late')))).failure?.message).toBe('too late');
    expect(server.searches).toEqual([]);
    client.close();
  });

  test('by closing the client fails', async () => {
    await using server = await scriptedDirectory(({ id }, line) => line.send(entry(id, person(1))));
    const client = await talkTo(server);
    const found = client.search(search(), never);
    await found.next();
    client.close();
    await expect(found.next()).rejects.toThrow(/the connection to ldap:.* was closed\. The reading is not complete/);
    await client.closed;
  });
});

describe('whoever takes slowly', () => {
  const large = (number: number): Buffer => entryBytes(`uid=p${number},dc=example,dc=test`, { description: ['x'.repeat(4_000)] });
  const total = 10_000;

  test('gets everything, and no more than a few megabytes wait for them', async () => {
    let sent = 0;
    await using server = await scriptedDirectory(async ({ id }, line) => {
      for (; sent < total; sent += 50) await line.send(...upTo(50, sent).map((number) => entry(id, large(number))));
      await line.send(done(id));
    });
    const client = await talkTo(server);
    const found = client.search(search({ timeoutMs: 1_000 }), never);
    const first = await found.next();
    // The server stops: what it sends is taken by nobody. Longer than the limit, and that is not its fault.
    const seen: number[] = [];
    while (seen.length < 2 || seen.at(-1) !== seen.at(-2)) {
      await new Promise((resume) => setTimeout(resume, 1_100));
      seen.push(sent);
    }
    expect(sent).toBeLessThan(total * 0.8);
    const numbers = [...numbersOf(first.done === true ? [] : first.value.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : [])))];
    let most = 0;
    for await (const items of found) {
      const bytes = items.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : []));
      most = Math.max(most, bytes.reduce((sum, each) => sum + each.length, 0));
      numbers.push(...numbersOf(bytes));
    }
    expect(numbers).toEqual(upTo(total));
    expect(most).toBeLessThan(10 * 1024 * 1024);
    client.close();
  });

  test('and leaves lets the next search through', async () => {
    await using server = await scriptedDirectory(async ({ id }, line, number) => {
      if (number === 1) for (let sent = 0; sent < 10_000; sent += 100) await line.send(...upTo(100, sent).map((each) => entry(id, large(each))));
      await line.send(done(id));
    });
    const client = await talkTo(server);
    const found = client.search(search(), never);
    await found.next();
    await new Promise((resume) => setTimeout(resume, 300));
    await found.return({ code: 0, matchedDn: '', message: '', referrals: [], controls: [] });
    expect((await hear(client)).done?.code).toBe(0);
    client.close();
  });

  test('gets what came before the connection was closed, and then the failure', async () => {
    await using server = await scriptedDirectory(async ({ id }, line) => {
      await line.send(...upTo(1_000).map((number) => entry(id, person(number))));
      line.end();
    });
    const client = await talkTo(server);
    const found = client.search(search(), never);
    const first = await found.next();
    await client.closed;
    const numbers = first.done === true ? [] : [...numbersOf(first.value.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : [])))];
    const reading = (async () => {
      for await (const items of found) numbers.push(...numbersOf(items.flatMap((item) => (item.kind === 'entry' ? [item.bytes] : []))));
    })();
    await expect(reading).rejects.toThrow(ConnectionLost);
    expect(numbers).toEqual(upTo(1_000));
  });
});

test('two searches at once on one connection get their own answers', async () => {
  const ids: number[] = [];
  await using server = await scriptedDirectory(async ({ id }, line) => {
    ids.push(id);
    const [first, second] = ids;
    if (first === undefined || second === undefined) return;
    for (const number of upTo(3_000)) await line.send(entry(first, person(number)), entry(second, person(number + 10_000)));
    await line.send(done(second), entry(first, person(3_000)), done(first, { code: 4 }));
  });
  const client = await talkTo(server);
  const [one, other] = await Promise.all([hear(client), hear(client)]);
  expect(numbersOf(entriesIn(one))).toEqual(upTo(3_001));
  expect(numbersOf(entriesIn(other))).toEqual(upTo(3_000, 10_000));
  expect([one.done?.code, other.done?.code]).toEqual([4, 0]);
  client.close();
});

describe('a connection', () => {
  test('goes to the first server that answers', async () => {
    await using server = await scriptedDirectory(() => undefined);
    const client = await connect({ ...connectionTo('ldap://127.0.0.1:1'), urls: ['ldap://127.0.0.1:1', server.url] }, never);
    expect(client.url).toBe(server.url);
    client.close();
    await client.closed;
  });

  test('that nobody takes says why for every server, once', async () => {
    const attempt = connect({ ...connectionTo(''), urls: ['ldap://127.0.0.1:1', 'ldap://127.0.0.1:2'] }, never);
    await expect(attempt).rejects.toThrow(new IncompleteReading('The directory cannot be read. ldap://127.0.0.1:1: nobody listens there; is the directory running, and is the port right? '
      + 'ldap://127.0.0.1:2: nobody listens there; is the directory running, and is the port right? Nothing was planned, everything stays as it is.'));
  });

  test('with an empty password is not made: it would be nobody\'s', async () => {
    await using server = await scriptedDirectory(() => undefined);
    const bind = { method: 'simple', dn: 'cn=reader', password: () => '' } as const;
    await expect(openClient(server.url, { ...connectionTo(server.url), bind }, never)).rejects.toThrow('the password of "cn=reader" is empty');
  });
});
