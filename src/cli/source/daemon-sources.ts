import { cronSchedule } from '../../daemon/schedule.ts';
import type { ChangeWatcher, DaemonSource } from '../../daemon/daemon-io.ts';
import type { Config } from '../../config/config.ts';
import type { ChangesConfig } from '../../config/source-config.ts';
import { IncompleteReading, OperatorError } from '../../model/errors.ts';
import { formatDuration } from '../../model/time.ts';
import { judgeSourceIdentity } from '../../plan/reading/source-identity.ts';
import type { Reading } from '../../store/store.ts';
import type { SourceSpec } from '../../sync/context.ts';
import { realClock } from '../clock.ts';
import { openView, type Context } from '../context.ts';
import { wireJoinedSources } from './wire-joined-sources.ts';
import { wireSource } from './wire-source.ts';

/** A source as the daemon handles it. */
interface LiveOrScheduled {
  /** Undefined: the only source. */
  readonly name: string | undefined;
  readonly spec: SourceSpec;
  readonly changes: ChangesConfig;
  /** Cron expression; undefined: every pass reads it. */
  readonly schedule: string | undefined;
  readonly isPrimary: boolean;
  /** It consists of files. Their watcher reports a change when they are completely written. */
  readonly isOfFiles: boolean;
}

/** The name of the only source, for the daemon. */
const onlySource = 'source';

/** Whether a change of a source starts a pass. */
export const isAnySourceLive = ({ source, sources }: Config): boolean =>
  source.changes === 'live' || (sources?.joined ?? []).some((joined) => joined.source.changes === 'live');

/** The sources whose schedules and changes start passes. */
export const daemonSources = (context: Context): readonly DaemonSource[] =>
  sourcesOf(context.config).map((one) => ({
    name: one.name ?? onlySource,
    schedule: one.schedule === undefined ? undefined : cronSchedule(one.schedule, context.config.timezone, realClock),
    watch: one.changes === 'live' ? sourceWatcher(context, one) : undefined,
    isSettled: one.isOfFiles,
  }));

/**
 * Waits until the sources that a pass reads are no longer being written. A joined source that does not come to rest is
 * read as it is; an incomplete reading of it is not accepted.
 *
 * @throws IncompleteReading if the primary source does not come to rest
 */
export async function settleSources({ config, log, stop }: Context, notDue: ReadonlySet<string>): Promise<void> {
  for (const { name, spec, changes, isPrimary } of sourcesOf(config)) {
    // The watcher of a live source reports only files that hold still.
    if (changes === 'live' || (name !== undefined && notDue.has(name))) continue;
    try {
      await spec.source.settle?.(stop);
    } catch (error) {
      if (error instanceof IncompleteReading && name !== undefined) error.nameSettings(name);
      if (isPrimary || !(error instanceof OperatorError)) throw error;
      log.warn({ source: name, code: error.code }, error.message);
    }
  }
}

function sourcesOf(config: Config): readonly LiveOrScheduled[] {
  const { source, sources } = config;
  const joinedSpecs = wireJoinedSources(config);
  return [
    {
      name: sources?.primary,
      spec: wireSource(config),
      changes: source.changes,
      schedule: sources?.primarySchedule,
      isPrimary: true,
      isOfFiles: source.type === 'csv',
    },
    ...(sources?.joined ?? []).flatMap((joined) => {
      const spec = joinedSpecs.find(({ name }) => name === joined.name);
      if (spec === undefined) return [];
      const { name, schedule } = joined;
      return [
        {
          name,
          spec,
          schedule,
          changes: joined.source.changes,
          isPrimary: false,
          isOfFiles: joined.source.type === 'csv',
        },
      ];
    }),
  ];
}

function sourceWatcher(
  { config, log }: Context,
  { name, spec, isPrimary }: LiveOrScheduled,
): ChangeWatcher | undefined {
  const { source, identity } = spec;
  if (source.watch === undefined) return undefined;
  const about = name === undefined ? {} : { source: name };
  const disconnected = (reason: string, retryInMs: number | undefined): void => {
    if (retryInMs === undefined) log.warn(about, `${reason}; passes start by schedule only`);
    else
      log.warn(about, `change notifications are unavailable: ${reason} Next attempt in ${formatDuration(retryInMs)}.`);
  };
  const last = (): Promise<Reading | undefined> => lastReading(config, isPrimary ? undefined : name);
  return async (changed, stop) => {
    // Another source is refused before it is opened, so it is not watched either, until an operator accepts it.
    while (judgeSourceIdentity((await last())?.facts.source, identity).length > 0)
      await realClock.sleep(sourceCheckMs, stop);
    await source.watch?.(
      async () => (await last())?.bookmark,
      { changed, disconnected, listening: () => log.info(about, 'listening for changes') },
      stop,
    );
  };
}

/** Interval in which a watcher checks whether an operator accepted another source. */
const sourceCheckMs = 5_000;

/**
 * The last reading of the primary source, or of a joined one. A pass may be running, so the state is opened read-only
 * and without the lock.
 */
async function lastReading(config: Config, joinedName: string | undefined): Promise<Reading | undefined> {
  const view = openView(config);
  try {
    if (joinedName === undefined) return await view?.mirror.last();
    return await view?.joinedSource(joinedName)?.mirror.last();
  } finally {
    view?.close();
  }
}
