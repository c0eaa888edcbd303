import { InvariantError } from '../../model/errors.ts';
import type { ReadingSide, ReadingTransaction } from '../../store/store.ts';
import type { Emit, PassEvent } from '../events.ts';

/**
 * The judgement of a staged reading needs something of the source first: an answer, or a complete reading. The
 * transaction is rolled back, because a slow source must not keep the writes of lanes waiting.
 */
export class SourceNeeded extends Error {
  /** Asks the source, outside of any transaction. The next judgement finds what it got. @throws IncompleteReading */
  readonly ask: () => Promise<void>;

  constructor(ask: () => Promise<void>) {
    super('the judgement of a reading needs the source');
    this.ask = ask;
  }
}

/** Answers of a source that outlive the transaction in which they were missing. */
export interface Answers {
  /** @throws SourceNeeded where the question has no answer yet */
  of<T>(question: string, ask: () => Promise<T>): Promise<T>;
}

/** Starts without an answer. @param onFailure decides about an error of the source; it may throw */
export function createAnswers(onFailure: (error: unknown) => Promise<void>): Answers {
  const known = new Map<string, unknown>();
  return {
    async of<T>(question: string, ask: () => Promise<T>): Promise<T> {
      if (known.has(question)) return known.get(question) as T;
      throw new SourceNeeded(() =>
        ask().then((answer) => {
          known.set(question, answer);
        }, onFailure),
      );
    },
  };
}

/** Events that are passed on at once, or after the transaction in which they happened. */
export interface HeldEvents {
  readonly emit: Emit;
  hold(): void;
  release(): void;
  /** They are about what was rolled back, and happen again. */
  drop(): void;
}

/** Holds no event at first. */
export function holdEvents(emit: Emit): HeldEvents {
  let held: PassEvent[] | undefined;
  return {
    emit: (event) => {
      if (held === undefined) emit(event);
      else held.push(event);
    },
    hold() {
      held = [];
    },
    release() {
      const events = held ?? [];
      held = undefined;
      for (const event of events) emit(event);
    },
    drop() {
      held = undefined;
    },
  };
}

/** More questions than a judgement has: two judgements that differ would ask without end. */
const maxAttempts = 100;

/**
 * Judges and commits staged readings in one short transaction. What the judgement asks the source is asked between two
 * attempts:
 *
 *     judge ─ question ─ roll back │ ask the source │ judge ─ commit
 *
 * @param work runs again after each question. Its events are passed on when it has ended
 */
export async function commitReadings<T>(
  store: Pick<ReadingSide, 'reading'>,
  events: HeldEvents,
  work: (tx: ReadingTransaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    events.hold();
    try {
      const result = await store.reading(work);
      events.release();
      return result;
    } catch (error) {
      if (!(error instanceof SourceNeeded)) {
        events.release();
        throw error;
      }
      events.drop();
      await error.ask();
    }
  }
  throw new InvariantError(`the judgement of a reading asked the source ${maxAttempts} times`);
}
