import { code, proseWithCode, table } from '../profiles/markdown.ts';
import { formsOf, isSecret, variantsOf, type Schema } from './schema.ts';
import { valueText } from './value-text.ts';

/** The text of docs/reference/configuration.md, from the JSON Schema of the configuration. */
export function configurationPage(schema: Schema): string {
  const { source, sources, notify, targets, ...others } = schema.properties ?? {};
  const target = requirePart(targets?.items, 'targets');
  const { auth, ...settings } = target.properties ?? {};
  const joined = typeof sources?.additionalProperties === 'object' ? sources.additionalProperties : undefined;
  return `${[
    introduction,
    '## Top level',
    keyTable({ ...schema, properties: { ...others, source: {}, sources: {}, notify: {}, targets: {} } }, [
      ['source', source, '[below](#source)'],
      ['sources', sources, '[below](#sources)'],
      ['notify', notify, '[below](#notify)'],
      ['targets', targets, '[below](#targets)'],
    ]),
    '## source',
    ...variants(requirePart(source, 'source'), 'source'),
    '## sources',
    `${proseWithCode(sources?.description ?? '')} Each has the keys of a source of its type, and besides:`,
    keyTable(additionTo(requirePart(joined, 'sources'), requirePart(source, 'source'))),
    '## targets',
    keyTable({ ...target, properties: { ...settings, auth: {} } }, [['auth', auth, '[below](#auth)']]),
    '## auth',
    ...variants(requirePart(auth, 'targets[].auth'), 'auth'),
    '## notify',
    ...variants(requirePart(notify?.items, 'notify'), 'notify'),
  ].join('\n\n')}\n`;
}

const introduction = `# Configuration, key by key

All keys of \`sync.config.json\`, generated from its schema. What they are for, with examples:
[configuration](../configuration.md). The schema itself is \`config/sync.schema.json\`, for editors.

- A key that contains dots is inside objects: \`history.keepDays\` is \`{"history": {"keepDays": 400}}\`. \`[]\` is an
  element of a list, and \`*\` any name.
- Instead of a value, \`{"env": "NAME", "default": …}\` takes it from the
  [environment](../configuration.md#how-do-i-take-values-from-the-environment); not of an expression.
- A _secret_ is \`{"env": "NAME"}\`, \`{"file": "path"}\` or \`{"credential": "NAME"}\`, see
  [authentication](../configuration.md#how-do-i-authenticate). An _expression_ is
  [CEL](../configuration.md#how-do-i-map-attributes).
- The settings of a profile have a [page of their own](../profiles.md).`;

/** A key whose own keys are in another section: its name, its schema, and the link. */
type Elsewhere = readonly [string, Schema | undefined, string];

function variants(schema: Schema, name: string): readonly string[] {
  return variantsOf(schema).flatMap(([type, variant]) => [
    `### ${name}: "type": ${JSON.stringify(type)}`,
    ...(variant.description === undefined ? [] : [proseWithCode(variant.description)]),
    keyTable(variant),
  ]);
}

function keyTable(schema: Schema, elsewhere: readonly Elsewhere[] = []): string {
  const rows = rowsOf(schema, '').filter(([key = '']) => !elsewhere.some(([name]) => key === `\`${name}\``));
  const links = elsewhere.map(([name, part, link]) => [
    `\`${name}\``,
    link,
    requiredOrDefault(part ?? {}, schema.required?.includes(name) === true),
    proseWithCode(part?.description ?? ''),
  ]);
  return table(['key', 'value', 'default', 'meaning'], [...rows, ...links]);
}

/** The keys of an object, and those of the objects in it. */
function rowsOf(schema: Schema, prefix: string): readonly (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    if (name === '$schema' || (name === 'type' && part.const !== undefined)) return [];
    const key = `${prefix}${name}`;
    const inner = innerObjects(part);
    const isRequired = schema.required?.includes(name) === true;
    const own = [`\`${key}\``, inner.length === 1 ? 'object' : valueText(part)];
    const row = [...own, requiredOrDefault(part, isRequired), proseWithCode(part.description ?? '')];
    return [row, ...mergedRows(inner.map(([step, form]) => rowsOf(form, `${key}${step}`)))];
  });
}

/** The rows of all forms of an object, each key once. A key that another form lacks is not required. */
function mergedRows(forms: readonly (readonly (readonly string[])[])[]): readonly (readonly string[])[] {
  const all = forms.flat();
  return all
    .filter(([key], index) => all.findIndex(([other]) => other === key) === index)
    .map(([key = '', value = '', byDefault = '', meaning = '']) => {
      const isInAll = forms.every((rows) => rows.some(([other]) => other === key));
      return [key, value, isInAll || byDefault !== 'required' ? byDefault : '', meaning];
    });
}

/**
 * The forms of a value that is an object in each of them, with how their keys are written after the name. Variants by
 * `type` have sections of their own.
 */
function innerObjects(schema: Schema): readonly (readonly [string, Schema])[] {
  const forms = formsOf(schema);
  if (variantsOf(schema).length > 0) return [];
  const inner = forms.map((form): readonly (readonly [string, Schema])[] => {
    if (isSecret(form)) return [];
    if (form.properties !== undefined) return [['.', form]];
    const [step, element] = form.type === 'array' ? ['[]', form.items] : ['.*', form.additionalProperties];
    return typeof element === 'object' ? innerObjects(element).map(([rest, below]) => [`${step}${rest}`, below]) : [];
  });
  return inner.some((part) => part.length === 0) ? [] : inner.flat();
}

const requiredOrDefault = ({ default: value }: Schema, isRequired: boolean): string =>
  isRequired && value === undefined ? 'required' : value === undefined || isEmptyObject(value) ? '' : code(value);

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0 && !Array.isArray(value);

/** The keys that the first form of one schema has, and that of another does not. */
function additionTo(schema: Schema, other: Schema): Schema {
  const [form = {}] = formsOf(schema);
  const known = new Set(formsOf(other).flatMap(({ properties }) => Object.keys(properties ?? {})));
  const properties = Object.entries(form.properties ?? {}).filter(([name]) => !known.has(name));
  return { ...form, properties: Object.fromEntries(properties) };
}

function requirePart(schema: Schema | undefined, name: string): Schema {
  if (schema === undefined) throw new Error(`the schema of the configuration has no ${name}`);
  return schema;
}
