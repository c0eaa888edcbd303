import type { Entry } from '../facts/page-facts.ts';
import type { Urgency } from './condition-text.ts';
import { Time, type PageFrame } from './layout.tsx';
import { passPath, storyPath, targetPath } from './paths.ts';
import { shown } from './shown.ts';

const colours: Readonly<Record<Entry['result'], Urgency>> = { done: 'good', held: 'held', undone: 'bad' };

/**
 * Operations of the journal.
 *
 * @param about whether the list is about one user or group, or about one pass
 */
export const Entries = ({
  frame,
  entries,
  about,
}: {
  readonly frame: PageFrame;
  readonly entries: readonly Entry[];
  readonly about: 'subject' | 'pass';
}) => (
  <ol class="entries">
    {entries.map(({ at, pass, target, sentence, outcome, result, resourceType, key }) => (
      <li>
        <p class="when">
          <Time at={at} frame={frame} />
          {' · '}
          <a href={targetPath(frame, target)}>{shown(target)}</a>
          {' · '}
          {about === 'subject' ? (
            <a href={passPath(frame, pass)}>pass {pass}</a>
          ) : (
            <a href={storyPath(frame, resourceType, key)}>
              {resourceType === 'User' ? 'person' : 'group'} {shown(key)}
            </a>
          )}
        </p>
        <p>{shown(sentence)}</p>
        <p class={`outcome ${colours[result]}`}>{shown(outcome)}</p>
      </li>
    ))}
  </ol>
);
