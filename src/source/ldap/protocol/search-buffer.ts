import type { SearchDone, SearchItem, SearchMessage } from './messages.ts';

/** While more waits, the server is not read from. In messages and in bytes. */
const maxBufferedItems = 2_000;
const maxBufferedBytes = 4 * 1024 * 1024;
/** Given at once: what is parsed of it is many times larger. In bytes. */
const maxBatchBytes = 256 * 1024;

/** What a server has answered to one search and nobody has taken yet. */
export class SearchBuffer {
  private items: SearchItem[] = [];
  private bytes = 0;
  private done: SearchDone | undefined;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;
  private readonly onBackpressure: (isFull: boolean) => void;
  private isFull = false;

  /** @param onBackpressure told when too much waits, and when no longer */
  constructor(onBackpressure: (isFull: boolean) => void) {
    this.onBackpressure = onBackpressure;
  }

  /** What comes after the search has failed is nobody's: a server that never stops would keep the failure from showing. */
  push(message: SearchMessage): void {
    if (this.failure !== undefined) return;
    if (message.kind === 'done') this.done = message;
    else {
      this.items.push(message);
      this.bytes += sizeOf([message]);
      if (!this.isFull && (this.items.length > maxBufferedItems || this.bytes > maxBufferedBytes)) this.setFull(true);
    }
    this.wake?.();
  }

  fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  /** Some of what has come; waits where nothing has. @throws what the search failed with, after everything before it was taken */
  async read(): Promise<readonly SearchItem[] | SearchDone> {
    while (this.items.length === 0 && this.done === undefined && this.failure === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
    }
    if (this.items.length > 0) {
      const items = this.items.splice(0, this.batchSize());
      this.bytes -= sizeOf(items);
      if (this.isFull && this.items.length === 0) this.setFull(false);
      return items;
    }
    if (this.done !== undefined) return this.done;
    throw this.failure ?? new Error('nothing was answered');
  }

  private batchSize(): number {
    let bytes = 0;
    const at = this.items.findIndex((item) => (bytes += sizeOf([item])) > maxBatchBytes);
    return at === -1 ? this.items.length : at + 1;
  }

  /** Nobody takes anything any more. */
  discard(): void {
    this.items = [];
    if (this.isFull) this.setFull(false);
  }

  private setFull(isFull: boolean): void {
    this.isFull = isFull;
    this.onBackpressure(isFull);
  }
}

const sizeOf = (items: readonly SearchItem[]): number =>
  items.reduce((sum, item) => sum + (item.kind === 'entry' ? item.bytes.length : 0), 0);
