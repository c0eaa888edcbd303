import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createHttpClient } from '../../../src/scim/transport/http.ts';
import { createLargeResponses, freeBytes, type LargeResponses } from '../../../src/scim/transport/large-responses.ts';
import { never, operationContext, target, update } from '../fixtures.ts';
import { scriptedServer } from '../scripted-server.ts';

jest.setTimeout(30_000);

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

/** A server whose responses have this number of bytes. */
async function serverOf(bytes: number): Promise<string> {
  const server = createServer((_, response) => {
    response.end(JSON.stringify({ id: '1', history: 'x'.repeat(bytes - 23) }));
  });
  servers.push(server);
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Counts the turns that are taken at the same time. */
function counting(turns: LargeResponses): LargeResponses & { readonly counts: { taken: number; most: number } } {
  const counts = { taken: 0, most: 0, running: 0 };
  return {
    counts,
    async takeTurn(signal) {
      const end = await turns.takeTurn(signal);
      counts.taken += 1;
      counts.running += 1;
      counts.most = Math.max(counts.most, counts.running);
      return () => {
        counts.running -= 1;
        end();
      };
    },
  };
}

const request = (url: string) => ({ method: 'GET', url, headers: {} });

describe('turns', () => {
  test('are given in order of arrival, and each one ends once', async () => {
    const turns = createLargeResponses(1);
    const end = await turns.takeTurn(never);
    const order: string[] = [];
    const others = ['a', 'b'].map(async (name) => {
      const endOther = await turns.takeTurn(never);
      order.push(name);
      endOther();
    });
    expect(order).toEqual([]);
    end();
    end();
    await Promise.all(others);
    expect(order).toEqual(['a', 'b']);
    const last = await turns.takeTurn(never);
    last();
  });

  test('a wait that is aborted leaves the turn to the next', async () => {
    const turns = createLargeResponses(1);
    const end = await turns.takeTurn(never);
    const stop = new AbortController();
    const aborted = turns.takeTurn(stop.signal);
    const next = turns.takeTurn(never);
    stop.abort(new Error('closed'));
    await expect(aborted).rejects.toThrow('closed');
    end();
    (await next)();
    await expect(turns.takeTurn(stop.signal)).rejects.toThrow('closed');
  });
});

describe('large responses', () => {
  test('of several targets: at most the number of turns is read at the same time, and all are read', async () => {
    const url = await serverOf(4_000_000);
    const largeResponses = counting(createLargeResponses(2));
    const clients = [1, 2, 3].map(() =>
      createHttpClient({ concurrency: 4, timeoutMs: 20_000, userAgent: 'x', largeResponses }),
    );
    const results = await Promise.all(
      clients.flatMap(({ send }) => Array.from({ length: 4 }, () => send(request(url), never))),
    );
    for (const client of clients) client.close();
    expect(results.map((result) => (result.kind === 'response' ? result.text.length : result))).toEqual(
      Array.from({ length: 12 }, () => 4_000_000),
    );
    expect(largeResponses.counts).toMatchObject({ taken: 12, most: 2 });
  });

  test('a response of the usual size needs no turn', async () => {
    const url = await serverOf(freeBytes);
    const noTurns: LargeResponses = { takeTurn: () => Promise.reject(new Error('a turn')) };
    const client = createHttpClient({ concurrency: 1, timeoutMs: 5000, userAgent: 'x', largeResponses: noTurns });
    expect(await client.send(request(url), never)).toMatchObject({ kind: 'response', status: 200 });
    client.close();
  });

  test('the wait for a turn is no time of the target', async () => {
    const url = await serverOf(freeBytes + 1);
    const turns = createLargeResponses(1);
    const end = await turns.takeTurn(never);
    const client = createHttpClient({ concurrency: 1, timeoutMs: 1000, userAgent: 'x', largeResponses: turns });
    const result = client.send(request(url), never);
    await new Promise((done) => setTimeout(done, 2500));
    end();
    expect(await result).toMatchObject({ kind: 'response', status: 200 });
    client.close();
  });

  test('a target that is closed ends the wait for a turn', async () => {
    const url = await serverOf(freeBytes + 1);
    const turns = createLargeResponses(1);
    const end = await turns.takeTurn(never);
    const client = createHttpClient({ concurrency: 1, timeoutMs: 5000, userAgent: 'x', largeResponses: turns });
    const stop = new AbortController();
    const result = client.send(request(url), stop.signal);
    setTimeout(() => stop.abort(new Error('closed')), 100);
    expect(await result).toMatchObject({ kind: 'noResponse' });
    end();
    (await turns.takeTurn(never))();
    client.close();
  });

  test('more than 32 MB: no response, and its turn ends', async () => {
    const url = await serverOf(32 * 1024 * 1024 + 1);
    const turns = createLargeResponses(1);
    const client = createHttpClient({ concurrency: 1, timeoutMs: 20_000, userAgent: 'x', largeResponses: turns });
    expect(await client.send(request(url), never)).toMatchObject({
      kind: 'noResponse',
      detail: expect.stringContaining('33554432'),
    });
    (await turns.takeTurn(never))();
    client.close();
  });

  test('a success of 1 MB is judged by its body', async () => {
    await using server = await scriptedServer(() => ({
      status: 200,
      body: { id: 'id-ada', title: 'y', history: 'x'.repeat(1_000_000) },
    }));
    using app = target(server.url);
    const { outcome } = await app.perform(operationContext(update('ada', [['title', 'x', 'y']])), never);
    expect(outcome).toMatchObject({ kind: 'done' });
  });
});
