import type { SearchDone, SearchItem, SearchMessage } from './messages.ts';

/** While more waits, the server is not read from. In messages and in bytes. */
const mostWaiting = 2_000;
const mostBytesWaiting = 4 * 1024 * 1024;
/** Given at once: what is parsed of it is many times larger. In bytes. */
const mostBytesTaken = 256 * 1024;

/** What a server has answered to one search and nobody has taken yet. */
export class Answers {
  private items: SearchItem[] = [];
  private bytes = 0;
  private done: SearchDone | undefined;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;
  private readonly flow: (isFull: boolean) => void;
  private isFull = false;

  /** @param flow told when too much waits, and when no longer */
  constructor(flow: (isFull: boolean) => void) {
    this.flow = flow;
  }

  /** What comes after the search has failed is nobody's: a server that never stops would keep the failure from showing. */
  put(message: SearchMessage): void {
    if (this.failure !== undefined) return;
    if (message.kind === 'done') this.done = message;
    else {
      this.items.push(message);
      this.bytes += sizeOf([message]);
      if (!this.isFull && (this.items.length > mostWaiting || this.bytes > mostBytesWaiting)) this.setFull(true);
    }
    this.wake?.();
  }

  fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  /** Some of what has come; waits where nothing has. @throws what the search failed with, after everything before it was taken */
  async take(): Promise<readonly SearchItem[] | SearchDone> {
    while (this.items.length === 0 && this.done === undefined && this.failure === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
    }
    if (this.items.length > 0) {
      const items = this.items.splice(0, this.manyEnough());
      this.bytes -= sizeOf(items);
      if (this.isFull && this.items.length === 0) this.setFull(false);
      return items;
    }
    if (this.done !== undefined) return this.done;
    throw this.failure ?? new Error('nothing was answered');
  }

  private manyEnough(): number {
    let bytes = 0;
    const at = this.items.findIndex((item) => (bytes += sizeOf([item])) > mostBytesTaken);
    return at === -1 ? this.items.length : at + 1;
  }

  /** Nobody takes anything any more. */
  drop(): void {
    this.items = [];
    if (this.isFull) this.setFull(false);
  }

  private setFull(isFull: boolean): void {
    this.isFull = isFull;
    this.flow(isFull);
  }
}

const sizeOf = (items: readonly SearchItem[]): number =>
  items.reduce((sum, item) => sum + (item.kind === 'entry' ? item.bytes.length : 0), 0);
