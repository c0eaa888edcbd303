import type { Config } from '../config/config.ts';
import { formatDuration, formatTime } from '../model/time.ts';
import { describeOperation } from '../plan/describe.ts';
import type { NameAtTarget, Rejection } from '../store/store.ts';
import type { Emit, PassEvent } from '../sync/events.ts';
import type { Context } from './context.ts';
import type { Log } from './log.ts';
import { rejectedText } from './print/format.ts';
import { changedText } from './print/key-changes.ts';
import { noMemoryText } from './print/orphans-text.ts';
import { createProgress } from './progress.ts';
import { realClock } from './clock.ts';

/** Failures listed at the end of a pass, for each target. */
const maxFailuresShown = 20;
const maxRejectionsLogged = 20;

/** Options of `logEvents`. */
interface LogOptions {
  /** A dry run beside a pass sees that pass as interrupted, although it is not. */
  readonly isRunning?: boolean;
  /** Names members and managers. Without it, messages show keys. */
  readonly nameAtTarget?: NameAtTarget;
}

/** Logs the events of a pass. */
export function logEvents(
  { log, config }: Pick<Context, 'log' | 'config'>,
  { isRunning = false, nameAtTarget = () => undefined }: LogOptions = {},
): Emit {
  return (event) => {
    switch (event.type) {
      case 'interruptedPasses':
        if (isRunning) return;
        log.warn('an earlier pass was interrupted; its open operations are verified and completed now');
        return;
      case 'reading':
        log.debug({ source: event.label }, `reading the source${suffix(event)}`);
        return;
      case 'read':
        log.info(
          { users: event.users, groups: event.groups, memberships: event.memberships },
          event.unchanged ? `the source${suffix(event)} did not change` : `source${suffix(event)} read`,
        );
        return;
      case 'fullReadRequired':
        log.info({ reason: event.reason }, `incremental read${suffix(event)} not possible; doing a full read`);
        return;
      case 'rejected':
        for (const rejection of event.rejections.slice(0, maxRejectionsLogged)) logRejection(log, config, rejection);
        log.error(rejectedText(event.total));
        return;
      case 'judged':
        // A refused reading ends the pass with an error that states the reasons.
        if (!event.isRefused)
          for (const { code, subject, reason } of event.judgements)
            log.warn({ code, subject, ...ofSource(event) }, reason);
        return;
      case 'keyChanges':
        log.warn(
          { users: event.total - event.groups, groups: event.groups },
          `${changedText(event.total, event.groups)} changed their key in the source; they wait for "scimsync relink"`,
        );
        return;
      case 'relinked':
        log.info({ users: event.users, groups: event.groups }, 'moved accounts to the new keys of their records');
        return;
      case 'planned':
        log.info({ target: event.target, operations: event.operations, ms: event.milliseconds }, 'planned');
        return;
      case 'held':
        for (const reason of event.reasons) log.warn({ target: event.target }, `held: ${reason}`);
        return;
      case 'listing':
        log.info({ target: event.target, resourceType: event.resourceType }, 'listing existing accounts');
        return;
      case 'listed':
        if (event.complete)
          log.info({ target: event.target, resourceType: event.resourceType, found: event.found }, 'listed');
        else
          log.warn(
            { target: event.target, resourceType: event.resourceType, found: event.found, detail: event.detail },
            'the listing is not complete; an account that it omits is created, and looked up after a conflict',
          );
        return;
      case 'noMemory':
        log.warn(
          { target: event.target, found: event.found, orphans: event.orphans, unowned: event.unowned },
          noMemoryText(event),
        );
        return;
      case 'operation':
        logOperation(log, event, nameAtTarget);
        return;
      case 'notAccepted':
        log.error({ source: event.source, code: event.code, since: formatTime(event.since) }, event.message);
        return;
      case 'stopped':
        log.error({ target: event.target }, event.detail);
    }
  };
}

/** The name of a joined source, in a sentence. */
const suffix = ({ source }: PassEvent): string => (source === undefined ? '' : ` ${source}`);

const ofSource = ({ source }: PassEvent): { readonly source?: string } => (source === undefined ? {} : { source });

/** A row is identified by its line; the reason for an LDAP entry contains its DN. */
function logRejection(log: Log, { source }: Config, { part, line, key, reason }: Rejection): void {
  if (source.type !== 'ldap')
    log.error({ part, line, key }, `line ${line} of the ${part} file was rejected: ${reason}`);
  else
    log.error(
      { part, key },
      `an entry of the ${part === 'nested' ? 'groups inside groups' : part} was rejected: ${reason}`,
    );
}

function logOperation(
  log: Log,
  { target, operation, result, status, detail }: Extract<PassEvent, { type: 'operation' }>,
  nameAtTarget: NameAtTarget,
): void {
  const isFailure = result === 'failed' || result === 'unknown';
  if (!isFailure && !log.isDebug) return;
  const sentence = describeOperation(operation, (resourceType, key) => nameAtTarget(target, resourceType, key));
  const fields = { target, action: operation.action, resource: operation.resourceType, key: operation.key, status };
  if (isFailure) log.error(fields, `${result}: ${sentence}: ${detail ?? ''}`);
  else log.debug(fields, `${result}: ${sentence}`);
}

/** Receives the events of a pass. */
export interface PassObserver {
  readonly emit: Emit;
  /** The first failures at a target, one line each. */
  failuresAt(target: string): readonly string[];
  /** Removes the progress line. */
  end(): void;
}

/** Observes a pass: logs its events, shows the progress, and keeps the first failures for the summary. */
export function observePass(
  context: Context,
  nameAtTarget: NameAtTarget,
  onOperation: (event: Extract<PassEvent, { type: 'operation' }>) => void,
): PassObserver {
  const { console, log } = context;
  const failures = new Map<string, string[]>();
  const logEvent = logEvents(context, { nameAtTarget });
  const progress = createProgress(realClock, console, (target, done, total, perSecond, remainingMs) => {
    log.info(
      { target, done, total, perSecond: Math.round(perSecond * 10) / 10, left: formatDuration(remainingMs) },
      'progress',
    );
  });
  return {
    emit(event) {
      if (event.type === 'planned') progress.expect(event.target, event.operations);
      if (event.type !== 'operation') progress.clear();
      logEvent(event);
      if (event.type !== 'operation') return;
      const { target, operation, result, status, detail } = event;
      progress.step(target, result);
      onOperation(event);
      if (result !== 'failed' && result !== 'unknown') return;
      const list = failures.get(target) ?? [];
      failures.set(target, list);
      if (list.length >= maxFailuresShown) return;
      const sentence = describeOperation(operation, (resourceType, key) => nameAtTarget(target, resourceType, key));
      list.push(`${sentence}: ${detail ?? `status ${status ?? 'none'}`}`);
    },
    failuresAt: (target) => failures.get(target) ?? [],
    end: () => {
      progress.clear();
    },
  };
}
