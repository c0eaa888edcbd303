/** What `init` asks. Each question has a flag, so that `init` needs no terminal. */
export interface Question {
  /** `--key` */
  readonly flag: string;
  /** What follows the flag: `<column>`. */
  readonly value: string;
  /** A sentence with a question mark. */
  readonly text: string;
  /** What a person should know before the answer. */
  readonly hint?: string;
  readonly choices?: readonly Choice[];
  /** Whether a wrong answer may be a secret, which is not repeated. */
  readonly isSecret?: boolean;
  /** Whether only a choice is an answer. */
  readonly onlyChoices?: boolean;
  /** The answer that `--yes` takes, and that an empty line means. */
  readonly proposal?: string | undefined;
  /** What is wrong with an answer, as the end of the sentence "it …"; undefined: nothing. */
  readonly check?: (answer: string) => string | undefined;
}

/** One possible answer. */
export interface Choice {
  readonly answer: string;
  /** What it means: "in all rows, all different; 1001, 1002". */
  readonly note?: string;
}

/** The answer that leaves a setting out. */
export const none = 'none';

/** An answer as the question means it: a number selects a choice. */
export function answerOf({ choices = [], proposal }: Question, typed: string): string | undefined {
  const text = typed.trim();
  if (text === '') return proposal;
  const isChoice = choices.some(({ answer }) => answer === text);
  return (isChoice || !/^\d+$/.test(text) ? undefined : choices[Number(text) - 1]?.answer) ?? text;
}

/** What is wrong with an answer, as the end of a sentence; undefined: nothing. */
export function problemOf({ choices = [], onlyChoices = false, check }: Question, answer: string): string | undefined {
  if (answer === '') return 'is empty';
  if (onlyChoices && choices.every((choice) => choice.answer !== answer))
    return `is not one of the possible answers: ${choices.map((choice) => choice.answer).join(', ')}`;
  return check?.(answer);
}
