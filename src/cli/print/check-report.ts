import type { Console } from '../console.ts';
import type { Judgement } from '../../model/reading/judgement.ts';
import type { JsonLine } from './json-lines.ts';
import { judgementsLine, judgementsText } from './judgements.ts';

/** What a problem of `check` is about: the configuration, the source, or the target of this name. */
export type CheckSubject = 'configuration' | 'source' | { readonly target: string };

/** How much a problem matters: an `error` makes the exit code 1 or 4. */
export type ProblemLevel = 'error' | 'warning' | 'note';

/** Receives what `check` finds, and prints it as text or as lines of `--json`. */
export interface CheckReport {
  /** A fact that is no problem. @param text its lines as text */
  fact(text: readonly string[], json: JsonLine): void;
  /** @param code names the problem for scripts, where it has a code */
  problem(level: ProblemLevel, subject: CheckSubject, message: string, code?: string): void;
  /** How the source differs from the last accepted reading in what it means. */
  judgements(found: { readonly isRefused: boolean; readonly judgements: readonly Judgement[] }): void;
  /** The line of `--json` that states the result. The text has none: the exit code shows it. */
  end(isUsable: boolean): void;
}

/** Reports on standard output. */
export function checkReport({ out, colors }: Console, isJson: boolean): CheckReport {
  const counts: Record<ProblemLevel, number> = { error: 0, warning: 0, note: 0 };
  const json = (line: JsonLine): void => out(JSON.stringify(line));
  return {
    fact(text, line) {
      if (isJson) json(line);
      else text.forEach((one) => out(one));
    },
    problem(level, subject, message, code) {
      counts[level] += 1;
      if (isJson) {
        const target = typeof subject === 'string' ? null : subject.target;
        const about = typeof subject === 'string' ? subject : 'target';
        json({ type: 'problem', level, subject: about, target, code: code ?? null, message });
        return;
      }
      const line = textOf(level, subject, message, code);
      out(level === 'error' ? colors.red(line) : level === 'warning' ? colors.yellow(line) : line);
    },
    judgements(found) {
      counts.error += found.judgements.filter(({ refused }) => refused).length;
      counts.warning += found.judgements.filter(({ refused }) => !refused).length;
      if (isJson) json(judgementsLine(found));
      else judgementsText(found.judgements, colors).forEach((line) => out(line));
    },
    end(isUsable) {
      if (isJson) json({ type: 'result', usable: isUsable, errors: counts.error, warnings: counts.warning });
    },
  };
}

function textOf(level: ProblemLevel, subject: CheckSubject, message: string, code: string | undefined): string {
  const coded = code === undefined ? message : `${message} (code: ${code})`;
  if (subject === 'configuration') return level === 'warning' ? `warning: ${message}` : coded;
  const about = subject === 'source' ? subject : subject.target;
  return level === 'note' ? `${about}: note: ${coded}` : `${about}: ${coded}`;
}
