import { needsPerson, type Finding } from '../facts/finding.ts';
import type { Condition } from '../facts/page-facts.ts';
import { conditions } from './condition-text.ts';
import { shown } from './shown.ts';

/** The condition of a target as words, with a mark whose shape means the same as its colour. */
export const ConditionMark = ({ condition }: { readonly condition: Condition }) => {
  const { label, urgency } = conditions[condition];
  return (
    <span class={`mark ${urgency}`}>
      <svg class="dot" viewBox="0 0 10 10" aria-hidden="true" focusable="false">
        {shapes[urgency]}
      </svg>
      {label}
    </span>
  );
};

const shapes = {
  good: <circle cx="5" cy="5" r="4" />,
  calm: <circle cx="5" cy="5" r="3" fill="none" stroke="currentColor" stroke-width="2" />,
  held: <path d="M1 1h8v8H1z" />,
  bad: <path d="M5 0.5 9.7 9.5H0.3z" />,
} as const;

/**
 * Findings, those for people first. What fails for the same reason at a target can be a long list.
 *
 * @param isOpen whether that list is open
 */
export const Findings = ({
  findings,
  isOpen = false,
}: {
  readonly findings: readonly Finding[];
  readonly isOpen?: boolean;
}) => {
  const failing = findings.filter(({ kind }) => kind === 'failing');
  const [urgent, others] = [true, false].map((isUrgent) =>
    findings.filter((finding) => finding.kind !== 'failing' && needsPerson(finding) === isUrgent),
  );
  return (
    <ul class="findings">
      {urgent?.map((finding) => (
        <One finding={finding} />
      ))}
      {failing.length === 0 ? null : (
        <li class="person">
          <details open={isOpen}>
            <summary>
              {failing.length === 1 ? '1 user or group fails' : `${failing.length} users and groups fail`}
            </summary>
            <ul>
              {failing.map(({ text }) => (
                <li>{shown(text)}</li>
              ))}
            </ul>
          </details>
        </li>
      )}
      {others?.map((finding) => (
        <One finding={finding} />
      ))}
    </ul>
  );
};

const One = ({ finding }: { readonly finding: Finding }) => (
  <li class={needsPerson(finding) ? 'person' : 'note'}>
    <p>{shown(finding.text)}</p>
    {finding.details === undefined || finding.details.length === 0 ? null : (
      <ul>
        {finding.details.map((line) => (
          <li>{shown(line.trim())}</li>
        ))}
      </ul>
    )}
    {finding.command === undefined ? null : (
      <p class="command">
        <code>{shown(finding.command)}</code>
      </p>
    )}
  </li>
);
