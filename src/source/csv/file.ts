import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { IncompleteReading } from '../../model/errors.ts';
import { instant } from '../../model/ids.ts';
import { endsWithLineBreak, lastBytes, type Content, type ContentState } from '../table/content.ts';
import type { SourcePart } from '../source.ts';

/** In bytes. */
const chunkSize = 256 * 1024;

/** The file of one part. */
export interface PartFile {
  readonly part: SourcePart;
  /** Absolute. */
  readonly file: string;
  /** The file name without its folder, for messages. */
  readonly name: string;
}

/** The bytes of a file. */
export const fileContent = (file: PartFile): Content => ({
  name: file.name,
  chunks: (signal, expected) => readChunks(file, signal, expected),
  requireUnchanged: (state) => requireUnchanged(file, state),
});

/**
 * Reads the bytes of a file in chunks. A chunk is valid until the next one is requested: one buffer serves a file of
 * any size.
 *
 * Exports are not locked while they are written, so two checks detect a change during the read. The identity of the
 * open file must equal that of the path afterwards, which detects appended and replaced files. The hash must equal that
 * of `expected`, because network shares report coarse modification times.
 *
 * @returns the state of the file, after the last chunk
 * @throws IncompleteReading where the file cannot be read, changed meanwhile, or differs from `expected`
 */
export async function* readChunks(
  table: PartFile,
  signal: AbortSignal,
  expected?: ContentState,
): AsyncGenerator<Buffer, ContentState> {
  await requireRegularFile(table);
  const file = await open(table.file).catch((error: unknown) => throwUnreadable(table, error));
  try {
    const stats = await file.stat({ bigint: true });
    let last: Buffer = Buffer.alloc(0);
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafeSlow(chunkSize);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file
        .read(buffer, 0, chunkSize)
        .catch((error: unknown) => throwUnreadable(table, error));
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      last = lastBytes(last, chunk);
      yield chunk;
    }
    const state = {
      sha256: hash.digest('hex'),
      identity: fileIdentity(stats),
      modifiedAt: instant(Number(stats.mtimeMs)),
      endsWithLineBreak: endsWithLineBreak(last),
    };
    if (expected !== undefined && expected.sha256 !== state.sha256) throw changedWhileReading(table);
    await requireUnchanged(table, state);
    return state;
  } finally {
    await file.close();
  }
}

/** @throws IncompleteReading where the file at the path is no longer the one that was read */
export async function requireUnchanged(table: PartFile, state: ContentState): Promise<void> {
  const now = await stat(table.file, { bigint: true }).catch(() => undefined);
  if (now === undefined || fileIdentity(now) !== state.identity) throw changedWhileReading(table);
}

/** Changes whenever the content at a path changes, as far as the file system reports it. */
export function fileIdentity({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}`;
}

/** Checked before opening, because opening a pipe would wait for a writer. */
async function requireRegularFile(table: PartFile): Promise<void> {
  const found = await stat(table.file).catch((error: unknown) => throwUnreadable(table, error));
  if (found.isFile()) return;
  const what = found.isDirectory() ? 'a directory' : 'not a regular file';
  throw new IncompleteReading('csv.notAFile', `${table.file} is ${what}. Set source.${table.part}.file to a CSV file.`);
}

function throwUnreadable(table: PartFile, error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  const [errorCode, sentence] =
    code === 'ENOENT'
      ? ([
          'csv.fileMissing',
          `${table.file} does not exist. Check source.${table.part}.file, and whether the export has run.`,
        ] as const)
      : code === 'EACCES' || code === 'EPERM'
        ? ([
            'csv.fileForbidden',
            `${table.file} is not readable for the user that scimsync runs as. Grant that user read permission.`,
          ] as const)
        : ([
            'csv.fileUnreadable',
            `${table.file} cannot be read (${code ?? message}). Check its disk or network share, then run again.`,
          ] as const);
  throw new IncompleteReading(errorCode, sentence, 1, { cause: error });
}

function changedWhileReading(table: PartFile): IncompleteReading {
  return new IncompleteReading(
    'csv.changed',
    (consequence) =>
      `${table.name} changed while it was read; ${consequence}. ` +
      'Run again when the export has finished. ' +
      'An export that is written to another name and then renamed is always complete.',
  );
}
