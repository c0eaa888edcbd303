import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Values = Readonly<Record<string, unknown>>;

/**
 * Renders the templates of the chart where helm is not installed. It knows what they use: paths below `.Values`,
 * `.Release.Name`, `toJson`, `printf`, `quote`, `sha256sum`, and `if` with a path or `eq`. Anything else is an error.
 *
 * @returns the rendered files by name, without those that are empty
 */
export function renderChart(folder: string, values: Values): ReadonlyMap<string, string> {
  const scope = { Values: values, Release: { Name: 'demo' } };
  const templates = join(folder, 'templates');
  const rendered = readdirSync(templates).map(
    (name) => [name, renderTemplate(readFileSync(join(templates, name), 'utf8'), scope).trim()] as const,
  );
  return new Map(rendered.filter(([, text]) => text !== ''));
}

function renderTemplate(text: string, scope: Values): string {
  const kept: boolean[] = [];
  let output = '';
  let position = 0;
  for (const match of text.matchAll(/(?:\s*\{\{-|\{\{) ?(.+?) ?\}\}/g)) {
    const expression = match[1] ?? '';
    if (!kept.includes(false)) output += text.slice(position, match.index);
    position = match.index + match[0].length;
    if (expression === 'end') kept.pop();
    else if (expression.startsWith('if ')) kept.push(Boolean(valueOf(expression.slice(3), scope)));
    else if (!kept.includes(false)) output += String(valueOf(expression, scope));
  }
  if (kept.length > 0) throw new Error('an if has no end');
  return output + text.slice(position);
}

function valueOf(expression: string, scope: Values): unknown {
  const [first = '', ...pipes] = expression.split(' | ');
  const words = [...first.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word);
  const isCall = /^[a-z]/i.test(words[0] ?? '');
  const start = isCall
    ? call(
        words[0] ?? '',
        words.slice(1).map((word) => operand(word, scope)),
      )
    : operand(words[0] ?? '', scope);
  return pipes.reduce((value, name) => call(name, [value]), start);
}

function operand(word: string, scope: Values): unknown {
  if (word.startsWith('"')) return JSON.parse(word);
  if (!word.startsWith('.')) throw new Error(`unknown operand ${word}`);
  const value = word
    .slice(1)
    .split('.')
    .reduce<unknown>((parent, key) => (parent as Values | undefined)?.[key], scope);
  if (value === undefined) throw new Error(`values.yaml has no ${word}`);
  return value;
}

function call(name: string, [first, ...others]: readonly unknown[]): unknown {
  switch (name) {
    case 'quote':
      return JSON.stringify(String(first));
    case 'toJson':
      return JSON.stringify(first, sorted);
    case 'sha256sum':
      return createHash('sha256').update(String(first)).digest('hex');
    case 'eq':
      return first === others[0];
    case 'printf':
      return others.reduce<string>((text, value) => text.replace('%s', String(value)), String(first));
    default:
      throw new Error(`unknown function ${name}`);
  }
}

/** Replaces objects by those in the order of their keys, in which helm writes them. */
const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
