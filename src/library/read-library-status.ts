import { openView } from '../cli/context.ts';
import { realClock } from '../cli/clock.ts';
import { readStatus, statusNeedsPerson, type Status as FullStatus } from '../cli/facts/read-status.ts';
import { emptyStatus } from '../cli/print/status/target-status.ts';
import type { Config } from '../config/config.ts';
import { formatTime } from '../model/time.ts';
import type { Finding, Status, TargetStatus } from './api.ts';

/** What `status` shows, as the library hands it out. @throws OperatorError for a state that cannot be read */
export async function readLibraryStatus(config: Config): Promise<Status> {
  const view = openView(config);
  if (view === undefined)
    return {
      ...{ needsPerson: false, lastPass: undefined, isRunning: false, source: [] },
      targets: config.targets.map(({ name }) => targetOf({ status: emptyStatus(name), findings: [] })),
    };
  try {
    const status = await readStatus(view, config, realClock.now());
    return {
      needsPerson: statusNeedsPerson(status),
      lastPass: passOf(status),
      isRunning: status.holder !== undefined,
      source: status.source.map(findingOf),
      targets: status.targets.map(targetOf),
    };
  } finally {
    view.close();
  }
}

function passOf({ pass }: FullStatus): Status['lastPass'] {
  if (pass === undefined) return undefined;
  const { id, started, ended, result, note } = pass;
  return {
    ...{ pass: id, started: formatTime(started), result, note },
    ended: ended === undefined ? undefined : formatTime(ended),
  };
}

const targetOf = ({
  status: { name, users, groups, memberships },
  findings,
}: Pick<FullStatus['targets'][number], 'status' | 'findings'>): TargetStatus => ({
  ...{ target: name, activeUsers: users.active, inactiveUsers: users.inactive, groups, memberships },
  findings: findings.map(findingOf),
});

const findingOf = ({ kind, text, details, command }: FullStatus['source'][number]): Finding => ({
  ...{ kind, text },
  ...(details === undefined ? {} : { details }),
  ...(command === undefined ? {} : { command }),
});
