/** What a line writer takes from outside. */
export interface LineWriterIo {
  /** Writes some of the bytes. @returns their number @throws an error with a `code`, as `writeSync` does */
  readonly writeSome: (bytes: Uint8Array) => number;
  /** Calls `flush` soon, when the reader may have read. */
  readonly schedule: (flush: () => void) => void;
  /** Blocks the process for a moment. */
  readonly pause: () => void;
  /** A line about lines that were lost, for the stream that lost them; undefined: it gets none. */
  readonly notice?: ((lines: number) => string) | undefined;
}

/** Writes lines to a stream that may be full, slow, stalled or gone. */
export interface LineWriter {
  write(text: string): void;
  /**
   * Until `finish`, a reader that does not read stops nothing: what it does not read is kept, up to a limit, then lost.
   */
  keepWorking(): void;
  /**
   * Waits until everything is written, or the reader has read nothing for this number of pauses. Then the writer is as
   * it was at its start.
   *
   * @returns the lines that are lost because they could not be written
   */
  finish(maxPauses: number): number;
}

/** Lines that wait for a reader, in bytes: the results of about 40,000 operations. */
const maxWaitingBytes = 8 * 1024 * 1024;

/**
 * Creates a writer. A text that cannot be written is lost, and the writer goes on with the next: neither a full disk
 * nor a closed terminal ends the work that the lines are about.
 *
 * @param waits whether `write` waits for a reader that does not read
 */
export function createLineWriter(io: LineWriterIo, waits: boolean): LineWriter {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let mayWait = waits;
  let isScheduled = false;
  let isGone = false;
  let lost = 0;
  let unreported = 0;

  const lose = (lines: number): void => {
    lost += lines;
    unreported += lines;
  };

  const dropFirst = (): void => {
    waitingBytes -= waiting.shift()?.length ?? 0;
  };

  /** @returns whether the stream took something */
  function writeWaiting(): boolean {
    let isProgress = false;
    for (let bytes = waiting[0]; bytes !== undefined; bytes = waiting[0]) {
      try {
        const written = io.writeSome(bytes);
        isProgress = true;
        waitingBytes -= written;
        if (written < bytes.length) waiting[0] = bytes.subarray(written);
        else waiting.shift();
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') return isProgress;
        dropFirst();
        // The reader of the pipe has ended ("scimsync plan | head"): it wants no more lines, so none are lost.
        if (code === 'EPIPE') isGone = true;
        else lose(1);
      }
    }
    return isProgress;
  }

  /** @returns whether the reader took the rest */
  function waitForReader(): boolean {
    let isProgress = false;
    while (waiting.length > 0) {
      io.pause();
      isProgress = writeWaiting();
    }
    return isProgress;
  }

  function flush(): void {
    isScheduled = false;
    const isProgress = writeWaiting();
    if (waiting.length > 0) scheduleFlush();
    else if (isProgress) report();
  }

  function scheduleFlush(): void {
    if (isScheduled) return;
    isScheduled = true;
    io.schedule(flush);
  }

  function report(): void {
    if (unreported === 0 || io.notice === undefined || isGone) return;
    const lines = unreported;
    unreported = 0;
    enqueue(io.notice(lines));
    writeWaiting();
    if (unreported === 0) return;
    // The stream did not take this line either: it follows the next one.
    unreported = lines;
    lost -= 1;
  }

  function enqueue(text: string): void {
    const bytes = Buffer.from(text);
    waiting.push(bytes);
    waitingBytes += bytes.length;
  }

  return {
    write(text) {
      if (isGone || text === '') return;
      if (waiting.length > 0 && waitingBytes + text.length > maxWaitingBytes) return lose(1);
      enqueue(text);
      let isProgress = writeWaiting();
      if (mayWait) isProgress = waitForReader() || isProgress;
      if (waiting.length > 0) scheduleFlush();
      else if (isProgress) report();
    },
    keepWorking() {
      mayWait = false;
    },
    finish(maxPauses) {
      for (let pauses = 0; waiting.length > 0 && pauses < maxPauses; pauses += 1) {
        if (writeWaiting()) pauses = 0;
        if (waiting.length > 0) io.pause();
      }
      const total = lost + waiting.length;
      waiting.length = 0;
      waitingBytes = 0;
      lost = 0;
      unreported = 0;
      mayWait = waits;
      return total;
    },
  };
}
