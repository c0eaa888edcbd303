import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { createLineWriter, type LineWriter } from './line-writer.ts';

/** Pause between two attempts at a stream whose reader does not read, in ms. */
const pauseMs = 5;
/** A reader that reads nothing for this time at the end of the process gets no more, in ms. */
const maxStallMs = 5_000;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * A descriptor of the same stream that never blocks: a terminal that is held with Ctrl-S, or a pipe whose reader
 * sleeps, would block the whole process in `writeSync`. The own description leaves the streams of other processes as
 * they are.
 */
function nonBlocking(fd: 1 | 2): number {
  try {
    const stats = fstatSync(fd);
    if (!stats.isFIFO() && !stats.isCharacterDevice()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // Another operating system, or a terminal of another user.
    return fd;
  }
}

function openStream(fd: 1 | 2, waits: boolean, notice?: (lines: number) => string): LineWriter {
  let own: number | undefined;
  const io = {
    writeSome: (bytes: Uint8Array) => writeSync((own ??= nonBlocking(fd)), bytes),
    schedule: (flush: () => void) => void setTimeout(flush, pauseMs).unref(),
    pause: () => void Atomics.wait(sleeper, 0, 0, pauseMs),
    notice,
  };
  return createLineWriter(io, waits);
}

const lostLines = (lines: number): string =>
  `${JSON.stringify({
    level: 40,
    time: new Date().toISOString(),
    lines,
    msg: `${lines} log lines are lost: standard error did not take them`,
  })}\n`;

const streams = { 1: openStream(1, true), 2: openStream(2, false, lostLines) };

/** Writes to standard output (1) or standard error (2). A log line that cannot be written is lost. */
export function write(fd: 1 | 2, text: string): void {
  streams[fd].write(text);
}

/**
 * For a command that does more than print: a reader of standard output that does not read does not stop it. Otherwise
 * the command waits for its reader.
 */
export function keepWorking(): void {
  streams[1].keepWorking();
}

/** Writes what still waits, at the end of the process. @returns the lines of the result that are lost */
export function finishOutput(): number {
  const [lost] = [streams[1], streams[2]].map((stream) => stream.finish(maxStallMs / pauseMs));
  return lost ?? 0;
}
