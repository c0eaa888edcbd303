import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** The memory that Linux offers as a file system. */
const memory = '/dev/shm';

/** Enough for what all tests hold at a time, with the databases of directory servers. Containers often have 64 MB. */
const neededBytes = 2 * 1024 ** 3;

/**
 * Runs once, before all test files: moves their temporary files to memory where there is enough. Tests create hundreds
 * of states, and on a disk each waits until the disk confirms its writes, which no test observes. A TMPDIR that is set
 * already stays.
 */
export default function keepTemporaryFilesInMemory() {
  if (process.env['TMPDIR'] !== undefined || !existsSync(memory)) return;
  const { bavail, bsize } = statfsSync(memory);
  if (bavail * bsize < neededBytes) return;
  const folder = mkdtempSync(join(memory, 'scimsync-'));
  // As /tmp: some tests run the program as another user.
  chmodSync(folder, 0o1777);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // A run that is stopped must not leave its files in memory.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  // The processes that run the test files inherit it.
  process.env['TMPDIR'] = folder;
}
