import type { SearchDone, SearchItem, SearchMessage } from './messages.ts';

/** While more waits, the server is not read from. In messages and in bytes. */
const mostWaiting = 2_000;
const mostBytesWaiting = 8 * 1024 * 1024;

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
      if (message.kind === 'entry') this.bytes += message.bytes.length;
      if (!this.isFull && (this.items.length > mostWaiting || this.bytes > mostBytesWaiting)) this.setFull(true);
    }
    this.wake?.();
  }

  fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  /** Whatever has come; waits where nothing has. @throws what the search failed with, after everything before it was taken */
  async take(): Promise<readonly SearchItem[] | SearchDone> {
    while (this.items.length === 0 && this.done === undefined && this.failure === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
    }
    if (this.items.length > 0) {
      const items = this.items;
      this.items = [];
      this.bytes = 0;
      if (this.isFull) this.setFull(false);
      return items;
    }
    if (this.done !== undefined) return this.done;
    throw this.failure ?? new Error('nothing was answered');
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

