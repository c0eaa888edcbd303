import { createHash, randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { IncompleteReading } from '../../model/errors.ts';
import { endsWithLineBreak, lastBytes, type Content, type ContentState } from './content.ts';

/** In bytes. */
const chunkSize = 256 * 1024;

/** Bytes that arrive once and are read several times: the output of a program, the answers of a server. */
export interface Spool {
  /** Appends bytes. @throws IncompleteReading where the disk is full */
  write(bytes: Buffer): Promise<void>;
  /** The number of bytes. */
  readonly size: number;
  readonly endsWithLineBreak: boolean;
  /** What was written, to be read several times. */
  content(name: string): Content;
  close(): Promise<void>;
}

/**
 * A temporary file without a name: it is deleted as soon as it is open, so that no personal data remains after a crash.
 *
 * @param folder absolute
 * @throws IncompleteReading where no file can be created there
 */
export async function openSpool(folder: string): Promise<Spool> {
  const path = join(folder, `scimsync-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600).catch((error: unknown) => throwUnusable(folder, error));
  await unlink(path);
  const hash = createHash('sha256');
  let last: Buffer = Buffer.alloc(0);
  let size = 0;
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await file
          .write(bytes, at, bytes.length - at, size + at)
          .catch((error: unknown) => throwUnusable(folder, error));
        at += bytesWritten;
      }
      hash.update(bytes);
      last = lastBytes(last, bytes);
      size += bytes.length;
    },
    get size() {
      return size;
    },
    get endsWithLineBreak() {
      return endsWithLineBreak(last);
    },
    content(name) {
      const state: ContentState = {
        sha256: hash.copy().digest('hex'),
        identity: '',
        modifiedAt: undefined,
        endsWithLineBreak: endsWithLineBreak(last),
      };
      return {
        name,
        async *chunks(signal) {
          const buffer = Buffer.allocUnsafeSlow(chunkSize);
          for (let at = 0; at < size;) {
            signal.throwIfAborted();
            const { bytesRead } = await file
              .read(buffer, 0, chunkSize, at)
              .catch((error: unknown) => throwUnusable(folder, error));
            if (bytesRead === 0) break;
            at += bytesRead;
            yield buffer.subarray(0, bytesRead);
          }
          return state;
        },
        // No other process can change a file without a name.
        requireUnchanged: () => Promise.resolve(),
      };
    },
    close: () => file.close(),
  };
}

function throwUnusable(folder: string, error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  const what = code === 'ENOSPC' ? 'the disk is full' : (code ?? message);
  throw new IncompleteReading(
    'source.spoolFailed',
    `the temporary file in ${folder} (TMPDIR) cannot be used: ${what}. Nothing was planned or changed.`,
    1,
    { cause: error },
  );
}
