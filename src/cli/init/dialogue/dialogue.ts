import { OperatorError } from '../../../model/errors.ts';
import { visibleLine } from '../../../model/text/visible.ts';
import type { Terminal } from '../../output/terminal.ts';
import { answerOf, problemOf, type Question } from './question.ts';

/** How `init` gets its answers: from flags, from proposals (`--yes`), or from a person. */
export interface Dialogue {
  /** @throws OperatorError where a flag has a wrong answer, where there is no answer, and where a person declines */
  ask(question: Question): Promise<string>;
  /** Asks for a secret, which only a person can type. @throws OperatorError */
  askSecret(text: string): Promise<string>;
  /** The answer of a flag for what is found out and not asked. */
  given(flag: string): string | undefined;
  /**
   * After an attempt that failed: shows why, and asks the questions again, whatever their flags were.
   *
   * @throws the error, without a person
   */
  retry(error: unknown): void;
  /** Shows a line. Hidden characters are escaped. */
  show(line: string): void;
  /** Whether a person answers what flags do not. */
  readonly hasPerson: boolean;
  /** Whether proposals are taken without a question. */
  readonly takesProposals: boolean;
  /** Aborted when the command is stopped, and when the person declines. */
  readonly signal: AbortSignal;
}

/** What a dialogue takes from outside. */
export interface DialogueOptions {
  /** The values of the flags: `--key` → `employee_number`. */
  readonly flags: ReadonlyMap<string, string>;
  /** Undefined: there is none. */
  readonly terminal: Terminal | undefined;
  /** Takes the proposals instead of asking. */
  readonly takesProposals: boolean;
  readonly print: (line: string) => void;
  readonly stop: AbortSignal;
}

/** Nothing was written, because the person did not want it. */
export const stopped = (): OperatorError =>
  new OperatorError('init.stopped', 'stopped before the configuration was complete; nothing was written', 1);

/** Creates the dialogue of one run. */
export function createDialogue({ flags, terminal, takesProposals, print, stop }: DialogueOptions): Dialogue {
  const show = (line: string): void => print(visibleLine(line, false));
  // What is asked again has failed: neither its flag nor a proposal is the answer then.
  const earlier = new Map<string, string>();

  const askPerson = async (person: Terminal, question: Question): Promise<string> => {
    const proposal = earlier.get(question.flag) ?? question.proposal;
    showQuestion(question, show);
    for (;;) {
      const typed = await person.ask(proposal === undefined ? '> ' : `[${proposal}] > `);
      if (typed === undefined) throw stopped();
      const answer = answerOf({ ...question, proposal }, typed);
      const problem = answer === undefined ? 'is needed' : problemOf(question, answer);
      if (answer !== undefined && problem === undefined) return answer;
      show(`  The answer ${problem}.`);
    }
  };
  const answerTo = async (question: Question): Promise<string> => {
    const { flag, proposal } = question;
    const isAgain = earlier.has(flag);
    const fromFlag = isAgain ? undefined : flags.get(flag);
    if (fromFlag !== undefined) {
      const problem = problemOf(question, fromFlag);
      if (problem !== undefined)
        throw new OperatorError('init.answerInvalid', `${shown(question, fromFlag)} ${problem}`, 4);
      return fromFlag;
    }
    if (takesProposals && !isAgain && proposal !== undefined) {
      show(`${question.text} ${proposal}`);
      return proposal;
    }
    if (terminal === undefined) throw missingAnswer(question);
    return askPerson(terminal, question);
  };
  return {
    async ask(question) {
      const answer = await answerTo(question);
      earlier.set(question.flag, answer);
      return answer;
    },
    async askSecret(text) {
      const typed = await terminal?.askSecret(`${text} (it is not shown) > `);
      if (typed === undefined) throw stopped();
      return typed;
    },
    given: (flag) => flags.get(flag),
    retry(error) {
      if (terminal === undefined || terminal.declined.aborted || !(error instanceof OperatorError)) throw error;
      show(`  ${error.message}`);
      show('  Answer again, or stop with Ctrl-C.');
    },
    show,
    ...{ takesProposals, hasPerson: terminal !== undefined },
    signal: terminal === undefined ? stop : AbortSignal.any([stop, terminal.declined]),
  };
}

const shown = ({ flag, isSecret }: Question, answer: string): string =>
  isSecret === true ? flag : `${flag} ${JSON.stringify(answer)}`;

function showQuestion({ text, hint, choices = [] }: Question, show: (line: string) => void): void {
  show('');
  show(text);
  if (hint !== undefined) show(`  ${hint}`);
  const width = Math.max(0, ...choices.map(({ answer }) => answer.length));
  for (const [index, { answer, note }] of choices.entries())
    show(`  ${String(index + 1).padStart(2)}  ${note === undefined ? answer : `${answer.padEnd(width)}  ${note}`}`);
}

function missingAnswer({ flag, value, text, hint, proposal, choices = [], onlyChoices }: Question): OperatorError {
  const values = onlyChoices === true ? choices.map(({ answer }) => answer).join(' | ') : value;
  const advice =
    proposal === undefined
      ? hint === undefined
        ? ''
        : `. ${hint.replace(/\.$/, '')}`
      : `. The proposal is ${JSON.stringify(proposal)}; --yes takes all proposals`;
  return new OperatorError(
    'init.answerMissing',
    `"${text}" has no answer, and there is no terminal to ask on: add ${flag} ${values}${advice}`,
    4,
  );
}
