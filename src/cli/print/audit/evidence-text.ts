import { describeMoment } from '../../../model/dates/zone.ts';
import { formatDuration, formatTime } from '../../../model/time.ts';
import { describeOperation } from '../../../plan/describe.ts';
import { timeOf } from '../../../store/journal/history.ts';
import type {
  AccessEnd,
  Acknowledgement,
  ClosingStep,
  TargetEvidence,
  UserEvidence,
  Verification,
} from '../../../sync/evidence/evidence.ts';
import type { JsonLine } from '../json-lines.ts';

/** A heading with its sentences. */
export interface EvidenceSection {
  readonly title: string;
  readonly isOpen: boolean;
  readonly lines: readonly string[];
}

/** The proof of a person, in sentences. @param zone of the source's dates */
export function evidenceSections(evidence: UserEvidence, zone: string): readonly EvidenceSection[] {
  return [
    { title: personTitle(evidence), isOpen: !evidence.isClosed, lines: personLines(evidence, zone) },
    ...evidence.targets.map((target) => ({
      title: `${target.target}: ${accountText(target)}`,
      isOpen: target.open.length > 0,
      lines: targetLines(target),
    })),
  ];
}

const personTitle = ({ key, name }: UserEvidence): string =>
  name === undefined || name === key ? `user ${key}` : `user ${name} (${key})`;

function personLines(evidence: UserEvidence, zone: string): readonly string[] {
  const { formerKeys, source, ended, frozen, targets, isClosed } = evidence;
  return [
    ...formerKeys.map(({ key, until }) => `former key: ${key}, until it was relinked at ${formatTime(until)}`),
    `source: ${sourceText(source)}`,
    ...(ended === undefined ? [] : [`access should end: ${endText(ended)}`]),
    ...(frozen === undefined
      ? []
      : [
          `frozen since ${formatTime(frozen.begun.at)} by ${frozen.begun.operator} on ${frozen.begun.host}` +
            `${frozen.until === undefined ? '' : `, until ${describeMoment(frozen.until, zone)}`}: ${frozen.reason}`,
        ]),
    targets.length === 0
      ? 'no application is known to have had an account'
      : isClosed
        ? 'all access is closed, and was shown to be closed'
        : `open at ${targets
            .filter(({ open }) => open.length > 0)
            .map(({ target }) => target)
            .join(', ')}`,
  ];
}

function sourceText(source: UserEvidence['source']): string {
  if (source === undefined) return 'no record any more; the journal below is what remains';
  const { isPresent, isActive, reading, pass } = source;
  const since =
    pass === undefined
      ? `reading ${reading}, which the journal no longer has`
      : `reading ${reading}, which pass ${pass.pass} began at ${formatTime(pass.started)}`;
  if (!isPresent) return `the record is missing since ${since}`;
  return `the record is ${isActive ? 'active' : 'inactive'}; it last changed in ${since}`;
}

const endText = ({ at, pass, reason }: AccessEnd): string => `${reason}, known since pass ${pass} of ${formatTime(at)}`;

const accountTexts = {
  none: 'no account',
  active: 'ACTIVE',
  inactive: 'inactive',
  missing: 'the account is missing',
  forgotten: 'no longer managed',
} as const;

function accountText({ account, accountSince, isConfigured }: TargetEvidence): string {
  const since = accountSince === undefined ? '' : ` since ${formatTime(accountSince)}`;
  return `${accountTexts[account]}${since}${isConfigured ? '' : ' (not in the configuration)'}`;
}

function targetLines(evidence: TargetEvidence): readonly string[] {
  const { ended, rule, steps, acknowledged, verified, open } = evidence;
  return [
    ...(ended === undefined ? [] : [`access should end: ${endText(ended)}`]),
    ...(rule === undefined ? [] : [`by the configuration of now: ${rule}`]),
    ...steps.map(stepText),
    ...(acknowledged === undefined ? [] : [acknowledgedText(acknowledged)]),
    ...(acknowledged === undefined ? [] : [verifiedText(acknowledged, verified)]),
    ...open.map(({ text }) => `OPEN: ${text}`),
  ];
}

function stepText({ row }: ClosingStep): string {
  const facts = [row.status, row.evidence].filter((one) => one !== undefined).join(', ');
  const detail = row.detail === undefined ? '' : `: ${row.detail}`;
  const repeats = row.repeats === 0 ? '' : ` (the same in ${row.repeats} earlier passes)`;
  return (
    `${formatTime(timeOf(row))}  pass ${row.pass}  ${describeOperation(row.operation)} → ${row.state}` +
    `${facts === '' ? '' : ` (${facts})`}${detail}${repeats}`
  );
}

const after = (ms: number | undefined): string =>
  ms === undefined || ms < 0 ? '' : `, ${formatDuration(ms)} after that pass began`;

function acknowledgedText({ at, action, status, afterMs }: Acknowledgement): string {
  const answer = status === undefined ? 'a success' : String(status);
  return `acknowledged: the application answered ${answer} to the ${action} at ${formatTime(at)}${after(afterMs)}`;
}

function verifiedText({ evidence }: Acknowledgement, verified: Verification | undefined): string {
  if (verified === undefined)
    return evidence === undefined
      ? 'not verified: an earlier version recorded no evidence'
      : 'not verified: it was only answered, and no response or read showed the effect';
  const how = verified.evidence === 'read' ? 'a read showed it' : 'the response showed it';
  const later =
    verified.lookedAt === undefined || verified.lookedAt <= verified.at
      ? ''
      : `; looked at once more at ${formatTime(verified.lookedAt)}`;
  return `verified: ${how} at ${formatTime(verified.at)}${after(verified.afterMs)}${later}`;
}

/** The proof as one JSON object. */
export function evidenceAsJson(evidence: UserEvidence): JsonLine {
  const { key, name, formerKeys, source, ended, frozen, targets, isClosed } = evidence;
  return {
    ...{ type: 'evidence', key, name: name ?? null, closed: isClosed },
    formerKeys: formerKeys.map(({ key: former, until }) => ({ key: former, until: formatTime(until) })),
    source:
      source === undefined
        ? null
        : {
            ...{ present: source.isPresent, active: source.isActive, reading: source.reading },
            pass: source.pass?.pass ?? null,
            since: timeOrNull(source.pass?.started),
          },
    ended: endAsJson(ended),
    frozen:
      frozen === undefined
        ? null
        : {
            ...{ by: frozen.begun.operator, host: frozen.begun.host, reason: frozen.reason },
            ...{ since: formatTime(frozen.begun.at), until: timeOrNull(frozen.until) },
          },
    targets: targets.map(targetAsJson),
  };
}

function targetAsJson(evidence: TargetEvidence): JsonLine {
  const { target, isConfigured, account, accountSince, ended, rule, steps, acknowledged, verified, open } = evidence;
  return {
    ...{ target, configured: isConfigured, account, since: timeOrNull(accountSince), rule: rule ?? null },
    ended: endAsJson(ended),
    steps: steps.map(({ row, isMembership }) => ({
      ...{ pass: row.pass, action: isMembership ? 'removeMembers' : row.operation.action, at: formatTime(timeOf(row)) },
      ...{ name: row.operation.name, reason: row.operation.reason, outcome: row.state, status: row.status ?? null },
      ...{ evidence: row.evidence ?? null, detail: row.detail ?? null, repeats: row.repeats },
    })),
    acknowledged:
      acknowledged === undefined
        ? null
        : {
            ...{ at: formatTime(acknowledged.at), pass: acknowledged.pass, action: acknowledged.action },
            ...{ status: acknowledged.status ?? null, evidence: acknowledged.evidence ?? null },
            milliseconds: acknowledged.afterMs ?? null,
          },
    verified:
      verified === undefined
        ? null
        : {
            ...{ at: formatTime(verified.at), evidence: verified.evidence, lookedAt: timeOrNull(verified.lookedAt) },
            milliseconds: verified.afterMs ?? null,
          },
    open: open.map(({ code, text }) => ({ code, text })),
  };
}

const timeOrNull = (at: Parameters<typeof formatTime>[0] | undefined): string | null =>
  at === undefined ? null : formatTime(at);

const endAsJson = (end: AccessEnd | undefined): JsonLine | null =>
  end === undefined ? null : { at: formatTime(end.at), pass: end.pass, reason: end.reason };
