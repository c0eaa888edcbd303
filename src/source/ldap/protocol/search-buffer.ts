import type { SearchDone, SearchItem, SearchMessage } from './messages.ts';

/** Above these limits the socket is paused. */
const maxBufferedItems = 2_000;
const maxBufferedBytes = 4 * 1024 * 1024;
/** Size of one batch in bytes: a parsed batch takes many times its size. */
const maxBatchBytes = 256 * 1024;

/** Responses to one search that the consumer has not read yet. */
export class SearchBuffer {
  private items: SearchItem[] = [];
  private bytes = 0;
  private done: SearchDone | undefined;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;
  private readonly onBackpressure: (isFull: boolean) => void;
  private isFull = false;

  /** @param onBackpressure called when the buffer becomes full, and when it is empty again */
  constructor(onBackpressure: (isFull: boolean) => void) {
    this.onBackpressure = onBackpressure;
  }

  /** Ignores messages after a failure: a server that never stops sending would otherwise delay the error for ever. */
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

  /**
   * The next batch; waits while there is none. @throws the failure of the search, after all earlier messages were read
   */
  async read(): Promise<readonly SearchItem[] | SearchDone> {
    while (this.items.length === 0 && this.done === undefined && this.failure === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
      // OpenLDAP sends each entry in a packet of its own, and a batch of one entry costs several times its entry. So
      // what has arrived with this message is decoded first.
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
    if (this.items.length > 0) {
      const items = this.items.splice(0, this.batchSize());
      this.bytes -= sizeOf(items);
      if (this.isFull && this.items.length === 0) this.setFull(false);
      return items;
    }
    if (this.done !== undefined) return this.done;
    throw this.failure ?? new Error('the search ended without a result');
  }

  private batchSize(): number {
    let bytes = 0;
    const at = this.items.findIndex((item) => (bytes += sizeOf([item])) > maxBatchBytes);
    return at === -1 ? this.items.length : at + 1;
  }

  /** The consumer has stopped reading. */
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
