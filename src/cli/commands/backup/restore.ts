import { copyFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { formatTime } from '../../../model/time.ts';
import { restore, type Restored } from '../../../store/backup/restore.ts';
import type { SharedState } from '../../../store/interface/shared-state.ts';
import { realClock } from '../../clock.ts';
import { copyOptions, stateName, type Context, type ExitCode } from '../../context.ts';

/** `restore`: replaces the state by a backup of it. */
export async function restoreCommand(context: Context, file: string): Promise<ExitCode> {
  const { config, console, shared } = context;
  const path = resolve(file);
  const toFile = (): Restored =>
    restore(path, config.state, { ...copyOptions(), now: realClock.now(), userId: process.geteuid?.() });
  const { lastPass, replaced } = shared === undefined ? toFile() : await toDatabase(context, shared, path, toFile);
  const of = lastPass === undefined ? 'without a pass' : `after the pass of ${formatTime(lastPass)}`;
  console.out(`Restored ${stateName(context)}: the state ${of}.`);
  if (replaced !== undefined) console.out(`The replaced state is ${replaced}. Delete it when you need it no longer.`);
  console.out('What happened since the backup is unknown, also pauses, freezes and approvals. Restart a daemon. Then:');
  console.out('  scimsync plan              shows what the next pass would do; it lists each target before it creates');
  console.out('  scimsync sync              adopts accounts that were created since');
  console.out('  scimsync drift --repair    compares each account with the application, and corrects what differs');
  return 0;
}

/** The replaced state is kept beside the backup: the working copy ends with this process. */
async function toDatabase(
  { commandLine }: Context,
  shared: SharedState,
  file: string,
  toFile: () => Restored,
): Promise<Restored> {
  const lock = await shared.lock({ pid: process.pid, host: hostname(), command: commandLine, since: realClock.now() });
  try {
    await shared.refresh();
    const { lastPass, replaced } = toFile();
    if (replaced === undefined) {
      await shared.replace();
      return { lastPass, replaced };
    }
    const kept = `${file}.replaced-${formatTime(realClock.now()).replaceAll(/[:.]/g, '-')}`;
    copyFileSync(replaced, kept);
    rmSync(replaced);
    await shared.replace();
    return { lastPass, replaced: kept };
  } finally {
    await lock.release();
  }
}
