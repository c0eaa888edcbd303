import { code } from '../profiles/markdown.ts';
import { formsOf, isSecret, variantsOf, type Schema } from './schema.ts';

/** A longer list of values shows this number. */
const maxShown = 8;

/** What a value can be, in Markdown: `text`, `number 0 to 300`, `list of text`, `"trim" or "ignoreCase"`. */
export function valueText(schema: Schema): string {
  const types = variantsOf(schema).map(([type]) => code(type));
  if (types.length > 1) return `object with \`"type"\` ${alternatives(types)}`;
  const texts = formsOf(schema).flatMap(formTexts);
  // A secret in the file itself is a warning; the introduction of the page names the other forms.
  const hasSecret = texts.includes('secret');
  return alternatives([...new Set(hasSecret ? texts.filter((text) => text !== 'text') : texts)]);
}

function alternatives(texts: readonly string[]): string {
  const shown = texts.slice(0, maxShown);
  if (shown.length < texts.length) return `${shown.join(', ')}, … (${texts.length} in the schema)`;
  const [last = ''] = shown.slice(-1);
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} or ${last}`;
}

function formTexts(schema: Schema): readonly string[] {
  const { type, items, properties, $comment } = schema;
  if (schema.const !== undefined) return [code(schema.const)];
  if (schema.enum !== undefined) return schema.enum.map(code);
  switch (type) {
    case 'string':
      return [$comment === 'expression' ? 'expression' : 'text'];
    case 'boolean':
      return ['`true`', '`false`'];
    case 'array':
      return [items === undefined ? 'list' : `list of ${valueText(items)}`];
    case 'number':
    case 'integer':
      return [numberText(schema)];
    case 'null':
      return ['`null`'];
    default:
      return [isSecret(schema) ? 'secret' : objectText(Object.keys(properties ?? {}))];
  }
}

/** The limits of the type itself are none that an operator chose. */
const typeLimit = 2 ** 31 - 1;

function numberText({ minimum = 0, maximum = typeLimit }: Schema): string {
  if (maximum < typeLimit) return `number ${minimum} to ${maximum}`;
  return minimum === 0 ? 'number' : `number from ${minimum}`;
}

function objectText(keys: readonly string[]): string {
  return keys.length === 0 || keys.length > 4 ? 'object' : `\`{${keys.map((key) => `"${key}"`).join(', ')}}\``;
}
