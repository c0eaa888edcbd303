import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { IncompleteReading } from '../../model/errors.ts';
import type { CsvTable } from './settings.ts';

/** In bytes. */
const chunkSize = 256 * 1024;

/** What a file was when it was read from its first to its last byte. */
export interface FileState {
  /** SHA-256 of all its bytes, in hex. */
  readonly sha256: string;
  readonly identity: string;
}

/**
 * The bytes of a file, in chunks of which each stays valid until the next is asked for: one buffer serves a file of any size. Nobody locks an export while it is being written, so whether it held still
 * is looked at from two sides: the open file before against the path afterwards (it may have been written on, or replaced),
 * and the hash, since the times that a network share tells are coarse.
 *
 * @returns what was read, after the last chunk
 * @throws IncompleteReading where the file cannot be read, changed meanwhile, or is another than `expected`
 */
export async function* readChunks(
  table: CsvTable,
  signal: AbortSignal,
  expected?: FileState,
): AsyncGenerator<Buffer, FileState> {
  await requireRegularFile(table);
  const file = await open(table.file).catch((error: unknown) => throwUnreadable(table, error));
  try {
    const identity = fileIdentity(await file.stat({ bigint: true }));
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
      yield chunk;
    }
    const state = { sha256: hash.digest('hex'), identity };
    if (expected !== undefined && expected.sha256 !== state.sha256) throw changedWhileReading(table);
    await requireUnchanged(table, state);
    return state;
  } finally {
    await file.close();
  }
}

/** @throws IncompleteReading where the path no longer leads to the file that was read, as it was read */
export async function requireUnchanged(table: CsvTable, state: FileState): Promise<void> {
  const now = await stat(table.file, { bigint: true }).catch(() => undefined);
  if (now === undefined || fileIdentity(now) !== state.identity) throw changedWhileReading(table);
}

/** Changes whenever a path leads to other bytes, as far as a file system tells. */
export function fileIdentity({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}`;
}

/** Looked at before opening, because opening a pipe would wait for somebody to write into it. */
async function requireRegularFile(table: CsvTable): Promise<void> {
  const found = await stat(table.file).catch((error: unknown) => throwUnreadable(table, error));
  if (found.isFile()) return;
  const what = found.isDirectory() ? 'a directory' : 'no ordinary file';
  throw new IncompleteReading(
    'csv.notAFile',
    `${table.file} is ${what}. Let source.${table.part}.file name a CSV file.`,
  );
}

function throwUnreadable(table: CsvTable, error: unknown): never {
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
            `${table.file} may not be read by the user that scimsync runs as. Give that user permission to read it.`,
          ] as const)
        : ([
            'csv.fileUnreadable',
            `${table.file} cannot be read (${code ?? message}). Check the disk or share that it is on, then run again.`,
          ] as const);
  throw new IncompleteReading(errorCode, sentence, 1, { cause: error });
}

function changedWhileReading(table: CsvTable): IncompleteReading {
  return new IncompleteReading(
    'csv.changed',
    `${table.name} changed while it was being read, so nothing is planned from it. ` +
      'Run again when the export has finished; an export that is written aside and renamed into place is never caught half.',
  );
}
