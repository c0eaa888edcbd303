import type { Instant } from '../model/ids.ts';
import type { Profile } from '../model/profile.ts';
import type { Clock, Random } from '../model/clock.ts';
import { openConnection, type ConnectionSettings } from '../scim/transport/connection.ts';
import type { Send } from '../scim/transport/message.ts';
import { requireScimEndpoint } from './connect.ts';
import { cleanUp, remnantsOf, type Remnant } from './cleanup.ts';
import { evidenceLines, recordExchanges, type RecordedExchange } from './evidence.ts';
import { createFindings, type Finding } from './finding.ts';
import { openSession, type ProbeSession } from './session.ts';
import { noDelay } from './waiting.ts';
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

/** The target, and what the probe assumes about it. */
export interface ProbeSettings extends ConnectionSettings {
  /** Settings that apply until a finding overrides them. Of `profile`, the probe uses the limits only. */
  readonly start: Profile;
  /** Largest number of members that the probe puts into one request. */
  readonly members: number;
}

/** Dependencies of `probe`. */
export interface ProbeDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly send?: Send;
  /** Stops the experiments; the clean-up still runs. */
  readonly signal: AbortSignal;
  /** Replaces the configuration's secrets in a text. */
  readonly redact: (text: string) => string;
  /** Receives the name of each step when it begins. */
  readonly progress: (step: string) => void;
}

/** What the probe found, and the canaries that it could not remove. */
export interface ProbeResult {
  readonly at: Instant;
  /** Why the probe ended early: the operator stopped it, or the target cannot be probed any further. */
  readonly abortReason?: StoppedError | TargetUnusableError;
  readonly findings: readonly Finding[];
  /** The initial profile with all decided settings. */
  readonly profile: Profile;
  /** Canaries that the clean-up did not delete. */
  readonly remnants: readonly Remnant[];
  /** All requests to the target, as JSON lines. */
  readonly evidence: readonly string[];
  readonly requests: number;
}

/** Time limit of the clean-up, in milliseconds. */
const cleanUpTimeoutMs = 180_000;
/** Waits before the attempts of the clean-up, in milliseconds. */
const cleanUpWaitsMs = [0, 2000, 8000];

/**
 * Detects how a target behaves, by experiments on canaries. The clean-up removes the canaries after success, abort and
 * failure:
 *
 *     check the endpoint ── leftovers ── experiments ── clean-up, on a new connection ── findings
 *
 * @throws errors in scimsync itself, after the clean-up
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
  const delay = noDelay();

  const withSession = async <T>(stopSignal: AbortSignal, work: (session: ProbeSession) => Promise<T>): Promise<T> => {
    const connection = openConnection(
      { ...settings, profile: { ...settings.start, limits: settings.profile.limits } },
      connectionDeps,
    );
    try {
      return await work(
        openSession({ transport: connection.transport, clock, signal: stopSignal, names, ledger, findings, delay }),
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
    for (const { resourceType, name } of remnants) progress(`not removed: ${resourceType} ${name}`);
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

  /**
   * Tries again what one bad answer may have prevented. Each attempt uses a new connection: the circuit breaker of the
   * old one may be open.
   */
  async function cleanUpInTime(): Promise<readonly Remnant[]> {
    const timeout = new AbortController();
    const timer = new AbortController();
    void clock.sleep(cleanUpTimeoutMs, timer.signal).then(
      () => timeout.abort(),
      () => undefined,
    );
    for (const waitMs of cleanUpWaitsMs) {
      const unremoved = ledger.unremoved();
      if (waitMs > 0 && (unremoved.length === 0 || timeout.signal.aborted)) break;
      if (unremoved.length > 0) progress(`removing canaries: ${unremoved.map(({ name }) => name).join(', ')}`);
      await clock.sleep(waitMs, timeout.signal).catch(() => undefined);
      await withSession(timeout.signal, cleanUp);
    }
    timer.abort();
    return remnantsOf({ ledger, findings });
  }
}
