import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createHttpClient } from '../../../src/scim/transport/http.ts';
import { maxValues } from '../../../src/scim/transport/network/json-size.ts';
import {
  createSharedMemory,
  freeBytes,
  maxResponseBytes,
  type ResponseMemory,
  type SharedMemory,
} from '../../../src/scim/transport/response-memory.ts';
import '../../world/fixed-seed.ts';
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
const serverOf = (bytes: number): Promise<string> =>
  serverThat((response) => response.end(JSON.stringify({ id: '1', history: 'x'.repeat(bytes - 23) })));

const compressingServer = (content: Buffer): Promise<string> =>
  serverThat((response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(content)));

async function serverThat(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response));
  servers.push(server);
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Counts the bytes that are reserved at the same time. */
function counting(memory: SharedMemory): SharedMemory & { readonly counts: { reserved: number; most: number } } {
  const counts = { reserved: 0, most: 0 };
  const count = async (part: ResponseMemory, bytes: number, signal: AbortSignal): Promise<() => void> => {
    const free = await part.reserve(bytes, signal);
    counts.reserved += bytes;
    counts.most = Math.max(counts.most, counts.reserved);
    return () => {
      counts.reserved -= bytes;
      free();
    };
  };
  return {
    counts,
    ofTarget() {
      const part = memory.ofTarget();
      return { reserve: (bytes, signal) => count(part, bytes, signal) };
    },
  };
}

/** Memory of which this number of bytes is free, and what makes the rest free. */
async function nearlyFull(free: number): Promise<{ readonly memory: SharedMemory; readonly empty: () => void }> {
  const memory = createSharedMemory(maxResponseBytes);
  return { memory, empty: await memory.ofTarget().reserve(maxResponseBytes - free, never) };
}

const request = (url: string) => ({ method: 'GET', url, headers: {} });
const client = (memory: SharedMemory, { timeoutMs = 20_000, concurrency = 1 } = {}) =>
  createHttpClient({ concurrency, timeoutMs, userAgent: 'x', memory });

/** Waits until what is resolved already has arrived. */
const settled = (): Promise<void> => new Promise((done) => void setImmediate(done));

describe('the shared memory', () => {
  /** Each row: reservations of targets a, b, c … in this order, and those that are granted at once. */
  test.each([
    ['one target gets a second one while more than its share stays free', 'a30 a30', [0, 1]],
    ['and no third one', 'a30 a30 a30', [0, 1]],
    ['a target without one gets what is free', 'a30 a30 b30', [0, 1, 2]],
    ['and no more', 'a30 a30 b30 c20', [0, 1, 2]],
    ['a small one passes a large one that waits', 'a30 a30 b30 c20 d9', [0, 1, 2, 4]],
    ['a target that holds much gets a small one', 'a40 a30 a9 b30', [0, 2, 3]],
  ])('%s: %s', async (_, text, expected) => {
    const memory = createSharedMemory(100);
    const targets = new Map<string, ResponseMemory>();
    const granted: number[] = [];
    for (const [index, word] of text.split(' ').entries()) {
      const name = word.charAt(0);
      const target = targets.get(name) ?? memory.ofTarget();
      targets.set(name, target);
      void target.reserve(Number(word.slice(1)), never).then(() => granted.push(index));
    }
    await settled();
    expect(granted.sort()).toEqual([...expected].sort());
  });

  test('is given in order of arrival, and each reservation is freed once', async () => {
    const memory = createSharedMemory(100);
    const free = await memory.ofTarget().reserve(100, never);
    const order: string[] = [];
    const others = ['a', 'b', 'c'].map(async (name) => {
      const freeOther = await memory.ofTarget().reserve(60, never);
      order.push(name);
      await settled();
      freeOther();
    });
    await settled();
    expect(order).toEqual([]);
    free();
    free();
    await settled();
    expect(order).toEqual(['a']);
    await Promise.all(others);
    expect(order).toEqual(['a', 'b', 'c']);
    (await memory.ofTarget().reserve(100, never))();
  });

  test('a wait that is aborted leaves the memory to the next', async () => {
    const memory = createSharedMemory(100);
    const free = await memory.ofTarget().reserve(100, never);
    const stop = new AbortController();
    const aborted = memory.ofTarget().reserve(100, stop.signal);
    const next = memory.ofTarget().reserve(100, never);
    stop.abort(new Error('closed'));
    await expect(aborted).rejects.toThrow('closed');
    free();
    (await next)();
    await expect(memory.ofTarget().reserve(1, stop.signal)).rejects.toThrow('closed');
  });

  test('every reservation is granted in the end, and the limit holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ target: fc.nat(4), bytes: fc.integer({ min: 1, max: 100 }) }), { maxLength: 60 }),
        async (wanted) => {
          const memory = createSharedMemory(100);
          const targets = Array.from({ length: 5 }, () => memory.ofTarget());
          let reserved = 0;
          await Promise.all(
            wanted.map(async ({ target, bytes }) => {
              const free = await targets[target]?.reserve(bytes, never);
              reserved += bytes;
              expect(reserved).toBeLessThanOrEqual(100);
              await settled();
              reserved -= bytes;
              free?.();
            }),
          );
          expect(reserved).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('large responses', () => {
  test('of several targets: their bytes have a common limit, and all are read', async () => {
    const url = await serverOf(4_000_000);
    const memory = counting(createSharedMemory(maxResponseBytes));
    const clients = [1, 2, 3].map(() => client(memory, { concurrency: 8 }));
    const results = await Promise.all(
      clients.flatMap(({ send }) => Array.from({ length: 8 }, () => send(request(url), never))),
    );
    for (const each of clients) each.close();
    expect(results.map((result) => (result.kind === 'response' ? result.text.length : result))).toEqual(
      Array.from({ length: 24 }, () => 4_000_000),
    );
    expect(memory.counts.reserved).toBe(0);
    expect(memory.counts.most).toBeGreaterThanOrEqual(4_000_000);
    expect(memory.counts.most).toBeLessThanOrEqual(maxResponseBytes);
  });

  test('a response of the usual size needs no reservation', async () => {
    const url = await serverOf(freeBytes);
    const { memory } = await nearlyFull(0);
    const http = client(memory);
    expect(await http.send(request(url), never)).toMatchObject({ kind: 'response', status: 200 });
    http.close();
  });

  test('one that states its length reserves no more than that', async () => {
    const url = await serverOf(freeBytes + 1);
    const { memory } = await nearlyFull(freeBytes + 1);
    const http = client(memory);
    expect(await http.send(request(url), never)).toMatchObject({ kind: 'response', status: 200 });
    http.close();
  });

  test('a target whose responses never end leaves room for those of another', async () => {
    const stuck = await serverThat((response) => {
      response.writeHead(200);
      response.write('x'.repeat(freeBytes + 1));
    });
    const url = await serverOf(1_000_000);
    const memory = counting(createSharedMemory(3 * maxResponseBytes));
    const slow = client(memory, { concurrency: 8 });
    const stop = new AbortController();
    const waiting = Array.from({ length: 8 }, () => slow.send(request(stuck), stop.signal));
    const http = client(memory);
    while (memory.counts.reserved === 0) await settled();
    expect(await http.send(request(url), never)).toMatchObject({ kind: 'response', status: 200 });
    stop.abort(new Error('closed'));
    expect(new Set((await Promise.all(waiting)).map(({ kind }) => kind))).toEqual(new Set(['noResponse']));
    expect(memory.counts.reserved).toBe(0);
    slow.close();
    http.close();
  });

  test('the wait for memory is no time of the target', async () => {
    const url = await serverOf(freeBytes + 1);
    const { memory, empty } = await nearlyFull(0);
    const http = client(memory, { timeoutMs: 1000 });
    const result = http.send(request(url), never);
    await new Promise((done) => setTimeout(done, 2500));
    empty();
    expect(await result).toMatchObject({ kind: 'response', status: 200 });
    http.close();
  });

  test('a target that is closed ends the wait for memory', async () => {
    const url = await serverOf(freeBytes + 1);
    const { memory, empty } = await nearlyFull(0);
    const http = client(memory);
    const stop = new AbortController();
    const result = http.send(request(url), stop.signal);
    setTimeout(() => stop.abort(new Error('closed')), 100);
    expect(await result).toMatchObject({ kind: 'noResponse' });
    empty();
    (await memory.ofTarget().reserve(maxResponseBytes, never))();
    http.close();
  });

  test.each([
    ['with a length', serverOf],
    ['without a length', (bytes: number) => serverThat((response) => void response.write('x'.repeat(bytes)))],
    ['that is compressed', (bytes: number) => compressingServer(Buffer.alloc(bytes))],
  ])('%s of more than 32 MB: no response, and its memory is freed', async (_, start) => {
    const url = await start(maxResponseBytes + 1);
    const memory = createSharedMemory(maxResponseBytes);
    const http = client(memory);
    expect(await http.send(request(url), never)).toMatchObject({
      kind: 'noResponse',
      detail: expect.stringContaining('33554432'),
    });
    (await memory.ofTarget().reserve(maxResponseBytes, never))();
    http.close();
  });

  test('a compressed response that grows reserves memory, and is read', async () => {
    const url = await compressingServer(Buffer.from(JSON.stringify({ id: 'x'.repeat(1_000_000) })));
    const memory = counting(createSharedMemory(maxResponseBytes));
    const http = client(memory);
    expect(await http.send(request(url), never)).toMatchObject({ kind: 'response', status: 200 });
    expect(memory.counts).toEqual({ reserved: 0, most: maxResponseBytes });
    http.close();
  });

  test('more values than memory should hold: no response', async () => {
    const url = await serverThat((response) => response.end(`{"id":"1","x":[${'{},'.repeat(maxValues)}{}]}`));
    const memory = counting(createSharedMemory(maxResponseBytes));
    const http = client(memory);
    expect(await http.send(request(url), never)).toMatchObject({
      kind: 'noResponse',
      detail: 'the answer has more than 4000000 values',
    });
    expect(memory.counts.reserved).toBe(0);
    http.close();
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
