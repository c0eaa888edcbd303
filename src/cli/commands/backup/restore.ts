import { resolve } from 'node:path';
import { formatTime } from '../../../model/time.ts';
import { restore } from '../../../store/backup/restore.ts';
import { realClock } from '../../clock.ts';
import { copyOptions, type Context, type ExitCode } from '../../context.ts';

/** `restore`: replaces the state by a backup of it. */
export async function restoreCommand({ config, console }: Context, file: string): Promise<ExitCode> {
  const { lastPass, replaced } = restore(resolve(file), config.state, {
    ...copyOptions(),
    now: realClock.now(),
    userId: process.geteuid?.(),
  });
  const of = lastPass === undefined ? 'without a pass' : `after the pass of ${formatTime(lastPass)}`;
  console.out(`Restored ${config.state}: the state ${of}.`);
  if (replaced !== undefined) console.out(`The replaced state is ${replaced}. Delete it when you need it no longer.`);
  console.out('What happened since the backup is unknown, also pauses, freezes and approvals. Restart a daemon. Then:');
  console.out('  scimsync plan              shows what the next pass would do; it lists each target before it creates');
  console.out('  scimsync sync              adopts accounts that were created since');
  console.out('  scimsync drift --repair    compares each account with the application, and corrects what differs');
  return 0;
}
