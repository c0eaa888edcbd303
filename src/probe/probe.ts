import type { Instant } from '../model/ids.ts';
import type { Profile } from '../model/profile.ts';
import type { Clock, Random } from '../model/clock.ts';
import { openConnection, type ConnectionSettings } from '../scim/transport/connection.ts';
import type { Send } from '../scim/transport/message.ts';
import { requireScimEndpoint } from './connect.ts';
import { cleanUp, type Remnant } from './cleanup.ts';
import { evidenceLines, recordExchanges, type RecordedExchange } from './evidence.ts';
import { createFindings, type Finding } from './finding.ts';
import { openSession, type ProbeSession, type ConsistencyDelay } from './session.ts';
import { judgeRateLimit } from './protocol/rate-limit.ts';
import { createLedger } from './ledger.ts';
import { isCanary, nameIn, createCanaryNames } from './names.ts';
import { StoppedError, TargetUnusableError } from './errors.ts';
import { runExperiments } from './experiments.ts';
import { reportLeftovers } from './leftovers.ts';
import { getIgnoringCase } from '../model/scim-json.ts';
import { parseId } from '../scim/encode/urls.ts';

export type { Finding } from './finding.ts';
export type { Remnant } from './cleanup.ts';
export { StoppedError, TargetUnusableError } from './errors.ts';
export { toProfileFile, type ProfileFile } from './profile-file.ts';

export interface ProbeSettings extends ConnectionSettings {
  /** The words that are believed until something else is seen. Of `profile` only the pace counts. */
  readonly start: Profile;
  /** Most members that one request is tried with. */
  readonly members: number;
}

export interface ProbeDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly send?: Send;
  /** Aborted when we are to stop: then the canaries are removed, and nothing more is found out. */
  readonly signal: AbortSignal;
  /** Hides the secrets of the configuration. */
  readonly redact: (text: string) => string;
  /** Told what is being done. */
  readonly progress: (sentence: string) => void;
}

export interface ProbeResult {
  readonly at: Instant;
  /** Why it ended early: told to stop, or nothing more could be found out there. */
  readonly abortReason?: StoppedError | TargetUnusableError;
  readonly findings: readonly Finding[];
  /** The profile that was begun with, with every word that was found out. */
  readonly profile: Profile;
  /** Canaries that are still there. */
  readonly remnants: readonly Remnant[];
  /** JSON lines. */
  readonly evidence: readonly string[];
  readonly requests: number;
}

/** How long the removal of the canaries may take once we were told to stop, in milliseconds. */
const cleanUpTimeoutMs = 120_000;

/**
 * Finds out how an application behaves, with canaries that it makes and removes. Whatever happens in between, they are removed:
 *
 *     are we welcome ── leftovers ── experiments ── removal on a line of its own ── what is known
 *
 * @throws what is no trouble of the target's but a mistake of ours, after the canaries were removed
 */
export async function probe(settings: ProbeSettings, deps: ProbeDeps): Promise<ProbeResult> {
  const { clock, random, signal, redact, progress } = deps;
  const at = clock.now();
  const exchanges: RecordedExchange[] = [];
  const connectionDeps = {
    clock,
    random,
    ...(deps.send === undefined ? {} : { send: deps.send }),
    intercept: recordExchanges(
      (exchange) => exchanges.push(exchange),
      settings.url,
      () => clock.now(),
    ),
  };
  const names = createCanaryNames(at);
  const ledger = createLedger();
  const findings = createFindings(settings.start);
  const delay: ConsistencyDelay = { milliseconds: 0 };

  const withSession = async <T>(stopSignal: AbortSignal, work: (session: ProbeSession) => Promise<T>): Promise<T> => {
    const connection = openConnection(
      { ...settings, profile: { ...settings.start, limits: settings.profile.limits } },
      connectionDeps,
    );
    try {
      return await work(
        openSession({ exchange: connection.transport, clock, signal: stopSignal, names, ledger, findings, delay }),
      );
    } finally {
      connection.close();
    }
  };

  let abortReason: StoppedError | TargetUnusableError | undefined;
  let unexpected: { readonly error: unknown } | undefined;
  try {
    await withSession(signal, async (session) => {
      await requireScimEndpoint(session);
      await reportLeftovers(session);
      await runExperiments(session, { members: settings.members, progress });
    });
  } catch (error) {
    if (error instanceof StoppedError || error instanceof TargetUnusableError) abortReason = error;
    else unexpected = { error };
  }
  const remnants = await cleanUpInTime();
  if (unexpected !== undefined) {
    for (const { resourceType, name } of remnants) progress(`still there: ${resourceType} ${name}`);
    throw unexpected.error;
  }
  findings.add(...judgeRateLimit(exchanges, settings.profile.limits.requestsPerSecond));
  const isCanaryRow = (row: unknown): boolean => {
    const id = parseId(getIgnoringCase(row, 'id'));
    return (
      isCanary(nameIn('User', row)) ||
      isCanary(nameIn('Group', row)) ||
      (id !== undefined && (ledger.canaryWithId('User', id) ?? ledger.canaryWithId('Group', id)) !== undefined)
    );
  };
  return {
    at,
    findings: findings.all,
    profile: findings.profile(),
    remnants,
    requests: exchanges.length,
    evidence: evidenceLines(exchanges, settings.url, redact, isCanaryRow),
    ...(abortReason === undefined ? {} : { abortReason }),
  };

  /** On a line of its own: the one before may have given the target up. */
  async function cleanUpInTime(): Promise<readonly Remnant[]> {
    const unremoved = ledger.unremoved();
    if (unremoved.length > 0) progress(`removing what was made: ${unremoved.map(({ name }) => name).join(', ')}`);
    const timeout = new AbortController();
    const timer = new AbortController();
    void clock.sleep(cleanUpTimeoutMs, timer.signal).then(
      () => timeout.abort(),
      () => undefined,
    );
    const remnants = await withSession(timeout.signal, cleanUp);
    timer.abort();
    return remnants;
  }
}
