import { serialize, type ASTNode, type Environment } from '@marcbachmann/cel-js';
import { charge, costOf } from './cost.ts';
import { matches } from './patterns.ts';

/** An expression that is ready for evaluation. */
export type Evaluate = (variables: object) => unknown;

/**
 * An expression whose evaluation ends soon, whatever the values are. The package has neither limits for evaluations nor
 * a way to replace its functions, so calls in the syntax tree are renamed and completed:
 *
 * - `matches` searches in linear time.
 * - Each loop costs the length of its list. What is read within a loop or a binding costs its size.
 * - `duration` reads only short texts: its time grows faster than their length.
 *
 * @param root the parsed expression
 * @param parsed its evaluation without limits, for expressions that need none
 */
export function boundedEvaluation(environment: Environment, text: string, root: ASTNode, parsed: Evaluate): Evaluate {
  const loops = loopsIn(root);
  const needsNoLimit = loops.length === 0 && !/\b(?:matches|bind|duration)\b/.test(text);
  if (needsNoLimit) return parsed;
  const language = boundedEnvironment(environment);
  const bounded = language.parse(withChargedLoops(text, loops));
  completeCalls(bounded.ast, false, (name, operand) => {
    const call = language.parse(`null.${charged}()`).ast as Call;
    call.args[0] = name;
    call.args[1] = operand;
    return call;
  });
  return bounded;
}

/** A part of a bounded expression as the operator wrote it. */
export const originalText = (node: ASTNode): string => originalNames(serialize(node));

/** A message about a bounded expression, with the names that the operator knows. */
export const originalNames = (message: string): string =>
  message.replaceAll(`.${charged}()`, '').replaceAll(`.${requireShort}()`, '').replaceAll(linearMatches, 'matches');

type Call = Extract<ASTNode, { op: 'rcall' }>;

/** Names of functions. The language of the configuration does not have them. */
const charged = 'charged';
const linearMatches = 'matches in linear time';
const requireShort = 'at most 100 characters';

/** The longest text that `duration` reads; `-9223372036854775808ns` is one of the longest. */
const maxDurationLength = 100;

const environments = new WeakMap<Environment, Environment>();

function boundedEnvironment(environment: Environment): Environment {
  let extended = environments.get(environment);
  if (extended === undefined) {
    const ofString = { receiverType: 'string', async: false };
    extended = environment
      .clone()
      .registerFunction(`dyn.${charged}(): dyn`, chargeFor, { async: false })
      .registerFunction({
        ...{ ...ofString, name: linearMatches, returnType: 'bool', params: [{ type: 'string' }] },
        handler: matches,
      })
      .registerFunction({ ...ofString, name: requireShort, returnType: 'string', params: [], handler: requireLength });
    environments.set(environment, extended);
  }
  return extended;
}

function chargeFor(value: unknown): unknown {
  charge(costOf(value));
  return value;
}

function requireLength(text: string): string {
  if (text.length <= maxDurationLength) return text;
  throw new RangeError(`duration() reads at most ${maxDurationLength} characters, and this text has ${text.length}`);
}

/** Macros that evaluate their last arguments once per element. */
const loopMacros = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

const isLoop = ({ args: [name, , parameters] }: Call): boolean => loopMacros.has(name) && parameters.length >= 2;

const isBinding = ({ args: [name, receiver] }: Call): boolean =>
  name === 'bind' && receiver.op === 'id' && receiver.args === 'cel';

const loopsIn = (node: ASTNode): readonly Call[] => [
  ...(node.op === 'rcall' && isLoop(node) ? [node] : []),
  ...childrenOf(node).flatMap(loopsIn),
];

/** `values.mail.all(…)` → `values.mail.charged().all(…)` */
function withChargedLoops(text: string, loops: readonly Call[]): string {
  const dots = loops.map(({ args: [, list] }) => dotAfter(text, list.end)).toSorted((one, other) => other - one);
  return dots.reduce((result, dot) => `${result.slice(0, dot)}.${charged}()${result.slice(dot)}`, text);
}

/** The position of the next dot behind closing parentheses, spaces and comments. */
function dotAfter(text: string, end: number): number {
  const between = /(?:[\s)]|\/\/[^\n]*\n)*/y;
  between.lastIndex = end;
  between.exec(text);
  return between.lastIndex;
}

const readingOperators = new Set<string>(['==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%']);

type CallOn = (name: string, operand: ASTNode) => ASTNode;

/** @param isRepeated whether the node is within a loop or a binding, where what is read costs its size */
function completeCalls(node: ASTNode, isRepeated: boolean, callOn: CallOn): void {
  const repeats = isRepeated || (node.op === 'rcall' && (isLoop(node) || isBinding(node)));
  for (const child of childrenOf(node)) completeCalls(child, repeats, callOn);
  const read = (operand: ASTNode): ASTNode =>
    isRepeated && operand.op !== 'value' ? callOn(charged, operand) : operand;
  if (node.op === 'call') completeFunction(node.args, read, callOn);
  else if (node.op === 'rcall') completeMethod(node, read);
  else if (readingOperators.has(node.op)) replaceEach(node.args as ASTNode[], read);
}

function completeFunction([name, operands]: [string, ASTNode[]], read: Read, callOn: CallOn): void {
  if (name === 'has') return;
  if (name === 'duration') replaceEach(operands, (operand) => callOn(requireShort, operand));
  replaceEach(operands, read);
}

function completeMethod(node: Call, read: Read): void {
  const [name, receiver, operands] = node.args;
  if (isLoop(node) || isBinding(node) || name === charged) return;
  if (name === 'matches' && operands.length === 1) node.args[0] = linearMatches;
  node.args[1] = read(receiver);
  replaceEach(operands, read);
}

type Read = (operand: ASTNode) => ASTNode;

function replaceEach(nodes: ASTNode[], replacement: Read): void {
  for (const [index, node] of nodes.entries()) nodes[index] = replacement(node);
}

function childrenOf({ args }: ASTNode): readonly ASTNode[] {
  return nodesIn(args);
}

function nodesIn(value: unknown): readonly ASTNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value ? [value as ASTNode] : [];
}
