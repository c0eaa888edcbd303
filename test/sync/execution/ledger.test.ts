import { describe, expect, test } from '@jest/globals';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import type { ForeignAccount, OperationResult, ResultPage } from '../../../src/store/store.ts';
import { createLedger } from '../../../src/sync/execution/pages/ledger.ts';

const resultOf = (id: number): OperationResult => ({ stored: { id } }) as OperationResult;

/** A ledger with the pages that it saves, as `sent | results`. */
function ledger(save: (page: ResultPage) => readonly ForeignAccount[] = () => []) {
  const pages: string[] = [];
  const serving = {
    async save(_pass: number, page: ResultPage) {
      pages.push(`${page.sent.join(' ')} | ${page.results.map(({ stored }) => stored.id).join(' ')}`);
      return save(page);
    },
  };
  return { pages, ...createLedger(serving, 1, { now: () => instant(1) }) };
}

describe('the ledger of an execution', () => {
  test('saves what the operations of one turn mark in one page', async () => {
    const { markSent, pages } = ledger();
    await Promise.all([markSent(1), markSent(2), markSent(3)]);
    expect(pages).toEqual(['1 2 3 | ']);
  });

  test('marks an announced operation once, and takes results along', async () => {
    const { announce, markSent, record, pages } = ledger();
    await markSent(1);
    announce(2);
    announce(3);
    record(resultOf(1), () => undefined);
    await markSent(2);
    await markSent(3);
    expect(pages).toEqual(['1 | ', '2 3 | 1']);
  });

  test('saves a result that nothing follows', async () => {
    const { record, pages } = ledger();
    await new Promise<void>((resolve) => record(resultOf(1), () => resolve()));
    expect(pages).toEqual([' | 1']);
  });

  test('names the other owner of an account, and saves what is recorded then', async () => {
    const owner = sourceKey('bob');
    const { record, flush, pages } = ledger(({ results }) =>
      results.filter(({ stored }) => stored.id === 1).map((result) => ({ result, owner })),
    );
    const owners: unknown[] = [];
    for (const id of [1, 2])
      record(resultOf(id), (other) => {
        owners.push(other);
        if (other !== undefined) record(resultOf(3), () => undefined);
      });
    await flush();
    expect(owners).toEqual([owner, undefined]);
    expect(pages).toEqual([' | 1 2', ' | 3']);
  });

  test('a page that cannot be saved ends the execution, and nothing is sent', async () => {
    const full = new Error('the disk is full');
    const { markSent, record, flush } = ledger(() => {
      throw full;
    });
    await expect(markSent(1)).rejects.toBe(full);
    await expect(markSent(2)).rejects.toBe(full);
    record(resultOf(1), () => undefined);
    await expect(flush()).rejects.toBe(full);
  });
});
