import type { TargetConfig } from '../../config/config.ts';
import { formatDuration } from '../../model/time.ts';
import { describeLimit, limitsInForce } from '../../plan/guard/guard.ts';
import { guardRules } from '../../plan/guard/rules.ts';
import type { Discovery } from '../../scim/target.ts';
import type { TargetStatus } from '../../store/target-status.ts';
import type { Context } from '../context.ts';
import { checkAccess, featuresOf, featuresText, listText } from '../facts/target-access.ts';
import type { CheckReport } from '../print/check-report.ts';
import { learnedLine, learnedText } from '../print/learned-text.ts';
import { pauseText } from '../print/suspensions-text.ts';
import { connect } from '../wire.ts';
import { openCheckState, type CheckedTarget, type CheckState } from './check-state.ts';

/** Tests every target, and shows its limits. @returns whether all targets can be used */
export async function checkTargets(context: Context, report: CheckReport): Promise<boolean> {
  const { config, stop } = context;
  const state = openCheckState(context);
  try {
    const checks = await Promise.all(config.targets.map((target) => checkTarget(report, stop, state, target)));
    const problem = await state.save(checks.map(({ checked }) => checked));
    if (problem !== undefined) {
      const message = `the ServiceProviderConfigs were not stored, the next pass reads them: ${problem}`;
      report.problem('warning', 'configuration', message);
    }
    for (const target of config.targets) showLimits(report, target, state.find(target));
    return checks.every(({ isUsable }) => isUsable);
  } finally {
    state.close();
  }
}

/** The check of one target. */
interface TargetCheck {
  readonly isUsable: boolean;
  readonly checked: CheckedTarget;
}

async function checkTarget(
  report: CheckReport,
  stop: AbortSignal,
  state: CheckState,
  config: TargetConfig,
): Promise<TargetCheck> {
  const { name, url, profile, about } = config;
  const requestCounts = state.requestCounts(config);
  const target = connect(config, requestCounts);
  const { supportLevel, verifiedOn, notes = [] } = about;
  const provenance = [supportLevel ?? 'your own', ...(verifiedOn === undefined ? [] : [`as of ${verifiedOn}`])];
  report.fact([`${name}: profile "${profile.name}" (${provenance.join(', ')})`], {
    type: 'profile',
    target: name,
    profile: profile.name,
    supportLevel: supportLevel ?? null,
    verifiedOn: verifiedOn ?? null,
  });
  for (const note of notes) report.problem('note', { target: name }, note);
  try {
    const discovery = await target.discover(stop);
    const checked = { config, requestCounts, discovery };
    const access = await checkAccess(target, profile, stop);
    if ('wrong' in access) {
      report.problem('error', { target: name }, `${url} cannot be used: ${access.wrong}`);
      return { isUsable: false, checked };
    }
    showTarget(report, config, { access: access.can, discovery, known: state.find(config) });
    return { isUsable: true, checked };
  } finally {
    target.close();
  }
}

/** What an answering target showed. */
interface TargetAnswers {
  readonly access: string;
  readonly discovery: Discovery | undefined;
  readonly known: TargetStatus | undefined;
}

function showTarget(report: CheckReport, config: TargetConfig, { access, discovery, known }: TargetAnswers): void {
  const { name: target, url, profile } = config;
  const learned = known?.learned ?? [];
  report.fact([`${target}: ${url} answers, and ${access}`], { type: 'target', target, url, access });
  if (known?.paused !== undefined) report.problem('warning', { target }, pauseText(known.paused), 'target.paused');
  const features = discovery === undefined ? undefined : featuresOf(discovery);
  report.fact([`${target}: ${featuresText(profile, features)}`], {
    type: 'serviceProviderConfig',
    target,
    readable: features !== undefined,
    ...features,
  });
  if (discovery !== undefined) compareDiscovery(report, config, discovery, known);
  if (learned.length > 0)
    report.fact(
      learnedText(learned).map((text) => `${target}: ${text}`),
      { type: 'learned', target, facts: learned.map(learnedLine) },
    );
}

/** Warns where the ServiceProviderConfig changed, and where it contradicts the profile. */
function compareDiscovery(
  report: CheckReport,
  { name: target, profile: { name, protocol } }: TargetConfig,
  discovery: Discovery,
  known: TargetStatus | undefined,
): void {
  const warn = (message: string): void => report.problem('warning', { target }, message);
  const before = known?.discovery as Discovery | undefined;
  const { raw: _, ...facts } = discovery;
  const { raw: __, ...factsBefore } = before ?? {};
  if (before !== undefined && JSON.stringify(facts) !== JSON.stringify(factsBefore))
    warn(
      `ServiceProviderConfig changed; before: ${listText(featuresOf(before))}. ` +
        'The next pass forgets what was learned about this target',
    );
  if (discovery.patch === false && protocol.update === 'patch')
    warn(
      `the profile "${name}" sends PATCH although ServiceProviderConfig states that it is not supported; ` +
        'the profile takes precedence',
    );
  if (discovery.bulk?.supported !== true && protocol.bulk === 'offered')
    warn(`the profile "${name}" expects Bulk, which the target does not offer; requests are sent one by one`);
}

/** The table of limits at a target: once the target is loaded, with the floors that apply to its size. */
function showLimits(
  report: CheckReport,
  { name: target, guard: { table, windowMs } }: TargetConfig,
  status: TargetStatus | undefined,
): void {
  const period = windowMs === 0 ? 'one pass' : formatDuration(windowMs);
  const users = status === undefined ? 0 : status.users.active + status.users.inactive;
  const limits =
    status === undefined || users === 0
      ? guardRules.map((rule) => ({ rule, limit: table[rule.limit], known: undefined }))
      : limitsInForce(table, {
          users,
          activeUsers: status.users.active,
          groups: status.groups,
          memberships: status.memberships,
        });
  const nounsByLimit = new Map<string, string[]>();
  for (const { rule, limit } of limits) {
    const key = `${rule.limit} ${describeLimit(limit)}`;
    nounsByLimit.set(key, [...(nounsByLimit.get(key) ?? []), rule.noun]);
  }
  report.fact(
    [
      `${target}: the guard holds more than these changes within ${period}, until they are approved:`,
      ...[...nounsByLimit].map(([limit, nouns]) => `${target}:   ${limit}: ${nouns.join('; ')}`),
    ],
    {
      type: 'limits',
      target,
      windowMs,
      limits: limits.map(({ rule: { limit: name, kind }, limit, known }) => ({
        limit: name,
        kind,
        count: limit.kind === 'count' ? limit.count : null,
        share: limit.kind === 'share' ? limit.share : null,
        floor: limit.kind === 'share' ? limit.floor : null,
        known: known ?? null,
      })),
    },
  );
}
