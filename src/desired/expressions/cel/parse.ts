import { ParseError, TypeError as CheckError, type Environment, type ParseResult } from '@marcbachmann/cel-js';
import { outputFormatProblem } from '../../../model/dates/date-functions.ts';
import type { ExpressionSubject } from '../../expression-context.ts';
import { literalDateFormats, literalPatterns, type SyntaxNode } from '../../expression-names.ts';
import { ExpressionSyntaxError } from '../expression-syntax-error.ts';
import { hints, positionIn } from '../syntax-hints.ts';
import { boundedEvaluation, type Evaluate } from './bounded.ts';
import { patternProblem } from './patterns.ts';

/** An expression that is valid in its language. */
export interface ParsedExpression {
  readonly root: SyntaxNode;
  /** As CEL names it: `string`, `list<string>`; `dyn` if it is known only after evaluation. */
  readonly type: string;
  readonly evaluate: Evaluate;
}

/** @throws ExpressionSyntaxError */
export function parseExpression(environment: Environment, text: string, subject: ExpressionSubject): ParsedExpression {
  try {
    const parsed = environment.parse(text);
    const type = typeOf(parsed, text);
    return { root: parsed.ast, type, evaluate: boundedEvaluation(environment, text, parsed.ast, parsed) };
  } catch (error) {
    throw syntaxError(error, text, subject);
  }
}

function typeOf(parsed: ParseResult, text: string): string {
  const checked = parsed.check();
  if (!checked.valid) throw checked.error ?? new Error('an invalid expression has no error');
  for (const { pattern, start } of literalPatterns(parsed.ast)) {
    const problem = patternProblem(pattern);
    if (problem === undefined) continue;
    throw new ExpressionSyntaxError(`${JSON.stringify(pattern)}${positionIn(text, start)}: ${problem}`);
  }
  for (const format of literalDateFormats(parsed.ast)) {
    const problem = outputFormatProblem(format);
    if (problem !== undefined) throw new ExpressionSyntaxError(problem);
  }
  return checked.type ?? 'dyn';
}

function syntaxError(error: unknown, text: string, subject: ExpressionSubject): unknown {
  if (error instanceof RangeError)
    return new ExpressionSyntaxError('it is nested too deeply, or has too many parts', { cause: error });
  if (!(error instanceof ParseError || error instanceof CheckError)) return error;
  const summary = error.summary.replaceAll('EOF', 'the end of the expression');
  const hint = error.code === 'unknown_variable' ? hints[subject] : '';
  return new ExpressionSyntaxError(`${summary}${positionIn(text, error.range?.start)}${hint}`, { cause: error });
}
