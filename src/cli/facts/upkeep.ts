import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { missedPass } from '../../daemon/missed-pass.ts';
import { nextTick } from '../../daemon/next-tick.ts';
import { cronPattern } from '../../daemon/schedule.ts';
import { instant, type Instant } from '../../model/ids.ts';
import { dayMs, formatTime, hourMs } from '../../model/time.ts';
import { expiryStage } from '../../notify/expiry-stage.ts';
import type { Finding } from '../../page/facts/finding.ts';
import { judgeAge } from '../../plan/reading/export-files.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import { credentialExpiries } from './credential-expiries.ts';

/** What a person keeps in order, and what no pass reports: credentials, exports, and that passes run at all. */
export interface UpkeepFinding extends Finding {
  readonly kind: 'expires' | 'missed' | 'oldExport' | 'stale';
  /** Undefined: it concerns no target. */
  readonly target: string | undefined;
  /** How urgent it is, from 0 on. */
  readonly stage: number;
}

/** A scheduled pass that reads the source ends within this time, in ms. */
const readingMs = hourMs;

/** What is asked about readings and passes. */
export type StateOfSources = Pick<ReadOnlyStore, 'conditions' | 'holder'>;

/** When a file was modified; undefined: it cannot be read now, which the next pass reports. */
export type ModifiedAt = (file: string) => Promise<Instant | undefined>;

/**
 * Finds what needs care.
 *
 * @param view undefined before the first pass
 */
export async function findUpkeep(
  config: Config,
  view: StateOfSources | undefined,
  now: Instant,
  modifiedAt: ModifiedAt = fileTime,
): Promise<readonly UpkeepFinding[]> {
  return [
    ...expiryFindings(config, now),
    ...(view === undefined ? [] : missedFindings(config, view, now)),
    ...(await ageFindings(config, modifiedAt, now)),
    ...staleFindings(config, view?.conditions.lastReadingAt(), now),
  ];
}

/** Tokens and certificates that expire soon or have expired. */
export const expiryFindings = (config: Config, now: Instant): readonly UpkeepFinding[] =>
  credentialExpiries(config).flatMap(({ target, label, expiresAt }): readonly UpkeepFinding[] => {
    const stage = expiryStage(expiresAt, config.incidents.expiryDays, now);
    if (stage === undefined) return [];
    const when =
      expiresAt <= now
        ? `has expired at ${formatTime(expiresAt)}`
        : `expires at ${formatTime(expiresAt)}, in ${daysText(expiresAt - now)}`;
    return [{ kind: 'expires', target, stage, text: `${label} ${when}: renew it` }];
  });

const daysText = (milliseconds: number): string => {
  const days = Math.floor(milliseconds / dayMs);
  return days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`;
};

function missedFindings(config: Config, view: StateOfSources, now: Instant): readonly UpkeepFinding[] {
  const tickAfter = ticksOf(config);
  if (tickAfter === undefined) return [];
  const isRunning = view.holder() !== undefined;
  const missed = missedPass(view.conditions.daemonPasses(2), tickAfter, { now, isRunning });
  if (missed === undefined) return [];
  const { expected, began } = missed;
  const text =
    began === undefined
      ? `no pass has begun although one was due at ${formatTime(expected)}: joiners and leavers wait. Start ` +
        '"scimsync daemon", or remove "schedule" if another program starts the passes'
      : `the pass that was due at ${formatTime(expected)} began at ${formatTime(began)}: joiners and leavers waited. ` +
        'Was the daemon stopped, or the computer suspended?';
  return [{ kind: 'missed', target: undefined, stage: 0, text, command: 'scimsync passes' }];
}

/**
 * The export of a source is older than `maxAge` allows, although passes succeed. The files are asked: one that was
 * written again without a change is not read again.
 */
async function ageFindings(
  { source, sources }: Config,
  modifiedAt: ModifiedAt,
  now: Instant,
): Promise<readonly UpkeepFinding[]> {
  const all = [source, ...(sources?.joined ?? []).map((joined) => joined.source)];
  const found = await Promise.all(
    all.map(async (one) => {
      if (one.type !== 'csv' || one.maxAgeMs === undefined) return [];
      const { users, groups, memberships } = one;
      const names = [users, groups, memberships].flatMap((part) =>
        part !== undefined && 'file' in part ? [part.file] : [],
      );
      const files = await Promise.all(names.map(async (name) => ({ name, at: await modifiedAt(name) })));
      return judgeAge(
        files.flatMap(({ name, at }) =>
          at === undefined ? [] : [{ part: '', name, modifiedAt: at, endsWithLineBreak: true }],
        ),
        one.maxAgeMs,
        now,
      );
    }),
  );
  return found.flat().map(({ reason }) => ({ kind: 'oldExport', target: undefined, stage: 0, text: reason }));
}

/** A server of files that hangs keeps no notification waiting, in ms. */
const fileTimeMs = 2000;

const fileTime: ModifiedAt = (file) =>
  Promise.race([
    stat(file).then(
      ({ mtimeMs }) => instant(Math.trunc(mtimeMs)),
      () => undefined,
    ),
    once(AbortSignal.timeout(fileTimeMs), 'abort').then(() => undefined),
  ]);

function staleFindings(config: Config, readAt: Instant | undefined, now: Instant): readonly UpkeepFinding[] {
  if (readAt === undefined) return [];
  const tick = ticksOf(config)?.(readAt);
  const staleAt = Math.max(readAt + config.incidents.staleMs, tick === undefined ? 0 : tick + readingMs);
  if (now <= staleAt) return [];
  const text = `no reading of the source was accepted since ${formatTime(readAt)}: joiners and leavers wait`;
  return [{ kind: 'stale', target: undefined, stage: 0, text, command: 'scimsync status' }];
}

/** The ticks of the schedule; undefined: there is none. */
function ticksOf({ schedule, timezone }: Config): ((after: Instant) => Instant | undefined) | undefined {
  if (schedule === undefined) return undefined;
  const pattern = cronPattern(schedule);
  return (after) => nextTick(pattern, timezone, instant(after));
}
