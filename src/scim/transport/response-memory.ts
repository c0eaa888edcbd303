/** Bytes that each response may take without a reservation. A page of a listing is usually smaller. */
export const freeBytes = 256 * 1024;

/** A larger response counts as no response. In bytes, after decompression. */
export const maxResponseBytes = 32 * 1024 * 1024;

/** The common limit of the responses that are read at the same time, without their `freeBytes`. In bytes. */
const limitOfProcess = 3 * maxResponseBytes;

/** Memory for the responses of one target. */
export interface ResponseMemory {
  /**
   * Waits until this number of bytes is free. A response reserves all that it may need at once: one that holds a part
   * never waits for the rest, so no two responses wait for each other.
   *
   * @param bytes at most `maxResponseBytes`
   * @returns frees the bytes
   * @throws the signal's reason
   */
  reserve(bytes: number, signal: AbortSignal): Promise<() => void>;
}

/** Memory that several targets share. */
export interface SharedMemory {
  /** The part of one more target. */
  ofTarget(): ResponseMemory;
}

interface Waiter {
  readonly owner: Owner;
  readonly bytes: number;
  readonly grant: () => void;
}

interface Owner {
  reserved: number;
}

/**
 * Limits the bytes of the large responses that are read at the same time; the others wait, and the network holds their
 * bytes back.
 *
 * A target that already has a reservation gets another one only while more than its share stays free. So a target whose
 * responses are large, or never end, leaves room for those of the others:
 *
 *     one such target        ▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░░░
 *     two of them            ▓▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒░░░░░░░░
 *
 * @param limit in bytes, at least `maxResponseBytes`
 */
export function createSharedMemory(limit: number): SharedMemory {
  let free = limit;
  const waiters: Waiter[] = [];

  const fits = (owner: Owner, bytes: number): boolean =>
    bytes <= free && (owner.reserved === 0 || owner.reserved + bytes <= free);

  function take(owner: Owner, bytes: number): () => void {
    free -= bytes;
    owner.reserved += bytes;
    let isFreed = false;
    return () => {
      if (isFreed) return;
      isFreed = true;
      free += bytes;
      owner.reserved -= bytes;
      grantWaiting();
    };
  }

  /** In order of arrival; one that does not fit lets the others pass. */
  function grantWaiting(): void {
    for (const waiter of [...waiters]) {
      if (!fits(waiter.owner, waiter.bytes)) continue;
      waiters.splice(waiters.indexOf(waiter), 1);
      waiter.grant();
    }
  }

  function wait(owner: Owner, bytes: number, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        owner,
        bytes,
        grant() {
          signal.removeEventListener('abort', stop);
          resolve(take(owner, bytes));
        },
      };
      const stop = (): void => {
        waiters.splice(waiters.indexOf(waiter), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', stop, { once: true });
      waiters.push(waiter);
    });
  }

  return {
    ofTarget() {
      const owner: Owner = { reserved: 0 };
      return {
        async reserve(bytes, signal) {
          if (signal.aborted) throw signal.reason;
          return fits(owner, bytes) ? take(owner, bytes) : wait(owner, bytes, signal);
        },
      };
    },
  };
}

/** The memory of this process: all targets share it. */
export const memoryOfProcess: SharedMemory = createSharedMemory(limitOfProcess);
