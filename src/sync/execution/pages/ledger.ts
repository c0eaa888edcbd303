import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../../model/clock.ts';
import type { SourceKey } from '../../../model/ids.ts';
import type { OperationResult, Serving } from '../../../store/store.ts';

/** Collects the marks and results of the execution at one target, and saves them in pages. */
export interface Ledger {
  /** Marks an operation that is sent soon, so that its mark is usually saved when its turn comes. */
  announce(operation: number): void;
  /**
   * Marks an operation as sent. Send it only after this: then the mark survives the death of the process.
   *
   * @returns undefined if the mark is saved already
   */
  markSent(operation: number): Promise<void> | undefined;
  /**
   * Saves a result with others, a moment later. If the process dies before, the operation is in doubt.
   *
   * @param saved called once; `owner`: another record, whose account the result names. Then nothing was written
   */
  record(result: OperationResult, saved: (owner: SourceKey | undefined) => void): void;
  /** Saves everything: call it before the state is read. @throws the error of the first failed save */
  flush(): Promise<void>;
}

/** A page is saved at the latest with this number of results, or this time after the first one. */
const maxResults = 128;
const maxDelayMs = 25;

interface Page {
  readonly sent: number[];
  readonly results: OperationResult[];
  readonly saved: ((owner: SourceKey | undefined) => void)[];
  isSaved: boolean;
}

/**
 * One commit for each mark and each result would cost more than the requests. A page is saved when an operation waits
 * for its mark, and takes the marks and results along that came until then.
 *
 *     announce ─ announce ─ result ─ announce ─ result ─ markSent: save ─ result ─ …
 */
export function createLedger(serving: Pick<Serving, 'save'>, pass: number, clock: Pick<Clock, 'now'>): Ledger {
  let page = newPage();
  let saving: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failure: { readonly error: unknown } | undefined;
  /** The pages of marked operations that have no result yet. */
  const marks = new Map<number, Page>();

  /** Saves the page, or waits for the save that is running. */
  function save(): Promise<void> {
    saving ??= savePage().finally(() => {
      saving = undefined;
      if (page.results.length > 0) saveLater();
    });
    return saving;
  }

  function saveLater(): void {
    timer ??= setTimeout(() => void save(), maxDelayMs);
  }

  async function savePage(): Promise<void> {
    // What other responses of this turn bring is saved, too.
    await nextTurn();
    clearTimeout(timer);
    timer = undefined;
    const current = page;
    page = newPage();
    const { sent, results, saved } = current;
    try {
      const foreign = await serving.save(pass, { sent, sentAt: clock.now(), results });
      const owners = foreign.length === 0 ? undefined : new Map(foreign.map((one) => [one.result, one.owner]));
      current.isSaved = true;
      results.forEach((result, index) => saved[index]?.(owners?.get(result)));
    } catch (error) {
      failure ??= { error };
    }
  }

  async function untilSaved(marked: Page): Promise<void> {
    while (!marked.isSaved) {
      throwFailure();
      await save();
    }
  }

  function announce(operation: number): Page {
    let marked = marks.get(operation);
    if (marked === undefined) {
      marks.set(operation, (marked = page));
      page.sent.push(operation);
    }
    return marked;
  }

  return {
    announce,
    markSent(operation) {
      const marked = announce(operation);
      return marked.isSaved ? undefined : untilSaved(marked);
    },
    record(result, saved) {
      marks.delete(result.stored.id);
      page.results.push(result);
      page.saved.push(saved);
      if (page.results.length >= maxResults) void save();
      else saveLater();
    },
    async flush() {
      while (saving !== undefined || page.results.length + page.sent.length > 0) {
        throwFailure();
        await save();
      }
      throwFailure();
    },
  };

  function throwFailure(): void {
    if (failure !== undefined) throw failure.error;
  }
}

const newPage = (): Page => ({ sent: [], results: [], saved: [], isSaved: false });
