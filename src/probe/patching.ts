import type { Body } from '../model/resource.ts';
import { isBlank, readBody } from '../model/shape.ts';
import type { Reply } from '../scim/message.ts';
import { decide, sentence } from '../scim/response.ts';
import { finding, undecided, type Finding } from './finding.ts';
import { formsFor, opForms, patchOf, titleWithoutPath, type Form, type FormName } from './forms.ts';
import { fateOf } from './keeping.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';

/** What came of one form. Only what a read shows counts: a success may be none. */
export type Effect =
  | 'works'
  | 'refused'
  | 'silent'
  | 'unsupported'
  /** Understood, and what stood beside it is gone. */
  | 'wipes'
  /** Understood as the name of a new attribute, such as "name.familyName". */
  | 'litters';

export type Effects = ReadonlyMap<FormName, Effect>;

const about = 'PATCH';
const candidates = ['title', 'displayName', 'nickName', 'name.familyName', 'externalId'];

/** Tries each form of PATCH on one person. @returns what each did; empty where nothing could be tried */
export async function patchForms(ground: Ground, canary: Canary, kept: Body): Promise<Effects> {
  const effects = new Map<FormName, Effect>();
  const usable = candidates.filter((path) => kept[path] !== undefined);
  const [first] = usable;
  if (first === undefined) {
    ground.book.note(
      undecided(
        about,
        'nothing that it shows of a person can be changed, so whether a PATCH is understood cannot be seen',
      ),
    );
    return effects;
  }
  // Some keep certain attributes as they were made, whatever is said: what one does not show, another may.
  let plain = first;
  for (const path of usable) {
    for (const form of opForms(path))
      if ((await tryOut(ground, canary, form, effects)) === 'unsupported') return effects;
    if (!isUsable('always', effects)) continue;
    plain = path;
    break;
  }
  const spell = (op: string): string => (isTitle(effects) ? `${op[0]?.toUpperCase() ?? ''}${op.slice(1)}` : op);
  const tryAll = async (): Promise<void> => {
    for (const form of formsFor(kept, plain, spell)) await tryOut(ground, canary, form, effects);
  };
  await tryAll();
  // Neither a path nor the op in lower case: each hid the other.
  if (pathsOf(effects) === undefined && (await tryOut(ground, canary, titleWithoutPath(plain), effects)) === 'works')
    await tryAll();
  await manyOperations(ground, canary, plain, effects);
  return effects;
}

async function tryOut(ground: Ground, canary: Canary, form: Form, effects: Map<FormName, Effect>): Promise<Effect> {
  const { effect, reply } = await attempt(ground, canary, form);
  effects.set(form.name, effect);
  ground.book.note(finding(about, `${form.sentence}: ${said(effect, reply)}`));
  return effect;
}

const counts = [10, 2];

/** How many operations one PATCH may have; more than ten were not tried. */
async function manyOperations(ground: Ground, canary: Canary, plain: string, effects: Effects): Promise<void> {
  if (pathsOf(effects) !== 'always') return;
  const op = isTitle(effects) ? 'Replace' : 'replace';
  for (const count of counts) {
    const last = `operation ${count} of ${count}`;
    const operations = Array.from({ length: count }, (_, at) => ({
      op,
      path: plain,
      value: `operation ${at + 1} of ${count}`,
    }));
    const { effect, reply } = await attempt(ground, canary, { operations, shows: { [plain]: last }, beside: [] });
    ground.book.note(
      finding(
        about,
        `${count} operations in one: ${said(effect, reply)}`,
        effect === 'works' && count < 10 ? { allows: { operationsPerPatch: count } } : undefined,
      ),
    );
    if (effect === 'works') return;
  }
  ground.book.note(finding(about, 'one operation in each', { allows: { operationsPerPatch: 1 } }));
}

async function attempt(
  ground: Ground,
  canary: Canary,
  form: Pick<Form, 'operations' | 'shows' | 'beside'>,
): Promise<{ readonly effect: Effect; readonly reply: Reply }> {
  const { body: first } = await ground.read(canary);
  const before = readBody(first, form.beside);
  const reply = await ground.write('PATCH', canary, patchOf(form.operations));
  const decision = decide(reply);
  if (decision === 'unsupported') return { effect: 'unsupported', reply };
  if (decision !== 'accept') return { effect: 'refused', reply };
  const { body } = await ground.readUntil(canary, (each) => isShown(each, form.shows));
  if (litters(first, body)) return { effect: 'litters', reply };
  if (!isShown(body, form.shows)) return { effect: 'silent', reply };
  const after = readBody(body, form.beside);
  const isWhole = Object.keys(before).every((path) => !isBlank(after[path]));
  return { effect: isWhole ? 'works' : 'wipes', reply };
}

/** Whether a path was taken for a name: the resource has a new attribute that is called like one. */
export function litters(before: unknown, after: unknown): boolean {
  const known = new Set(namesIn(before));
  return namesIn(after).some(
    (name) => !known.has(name) && (/[[\]]/.test(name) || /^[^:]*\./.test(name) || /^urn:.*:User:[a-z]+/i.test(name)),
  );
}

const namesIn = (resource: unknown): readonly string[] =>
  typeof resource === 'object' && resource !== null ? Object.keys(resource) : [];

/** Whether a resource shows these values, in any case and however it punctuates them. */
export function isShown(resource: unknown, shows: Form['shows']): boolean {
  const body = readBody(resource, Object.keys(shows));
  return Object.entries(shows).every(([path, value]) => {
    if (value === null) return isBlank(body[path]);
    return ['kept', 'case', 'punctuation'].includes(fateOf(value, body[path]));
  });
}

function said(effect: Effect, reply: Reply): string {
  switch (effect) {
    case 'works':
      return `understood (${reply.status})`;
    case 'silent':
      return `answered ${reply.status}, and nothing is changed`;
    case 'wipes':
      return `answered ${reply.status}, and what stands beside it is wiped`;
    case 'litters':
      return `answered ${reply.status}, and kept under the path as its name`;
    case 'refused':
    case 'unsupported':
      return `refused, ${sentence(reply)}`;
  }
}

/** How much of a person can be changed by PATCH. */
export type Reach = 'all' | 'some' | 'none';

/** Which words say a change of a person so that it is understood, and whether they say everything. */
export function judgePatch(
  effects: Effects,
  saysPatch: boolean | undefined,
): { readonly reach: Reach; readonly findings: readonly Finding[] } {
  if (effects.size === 0) return { reach: 'none', findings: [] };
  const paths = pathsOf(effects);
  if (paths === undefined)
    return {
      reach: 'none',
      findings: [finding(about, 'no form of PATCH is understood', { speaks: { update: 'put' } })],
    };
  const op = isTitle(effects) ? 'title' : 'lower';
  const how = {
    always: 'with a path each',
    nested: 'without a path, as an object',
    dotted: 'without a path, by dotted keys',
  }[paths];
  const missing = missingIn(paths, effects);
  const findings = [
    finding(about, `changes are said ${how}, op in ${op === 'title' ? 'title' : 'lower'} case`, {
      speaks: { patchOps: op, patchPaths: paths },
    }),
    ...(saysPatch === false
      ? [
          finding(about, 'PATCH is understood although it says of itself that it has none', {
            speaks: { update: 'patch' },
          }),
        ]
      : []),
    ...judgeElements(paths, effects),
    ...(missing.length === 0 ? [] : [finding(about, `not everything can be changed that way: ${missing.join(', ')}`)]),
  ];
  return { reach: missing.length === 0 ? 'all' : 'some', findings };
}

const isTitle = (effects: Effects): boolean =>
  effects.get('lower') !== 'works' && (effects.get('title') === 'works' || effects.get('titleNested') === 'works');
const isBroken = (effects: Effects, name: FormName): boolean => effects.has(name) && effects.get(name) !== 'works';

type Paths = 'always' | 'nested' | 'dotted';

/** With a path wherever that says everything; else by whatever else does; else by whatever does anything. */
function pathsOf(effects: Effects): Paths | undefined {
  const ways = (['always', 'nested', 'dotted'] as const).filter((way) => isUsable(way, effects));
  return ways.find((way) => missingIn(way, effects).length === 0) ?? ways[0];
}

function isUsable(way: Paths, effects: Effects): boolean {
  if (way === 'always') return effects.get('lower') === 'works' || effects.get('title') === 'works';
  return effects.get(way) === 'works';
}

/** Of each way: what must be understood so that it reaches everything, and by any of which forms that is said. What goes always needs its path. */
const reaches: Readonly<Record<Paths, readonly (readonly [what: string, forms: readonly FormName[]])[]>> = {
  always: [
    ['parts of a name', ['subPath']],
    ['enterprise attributes', ['extensionPath']],
    ['elements of lists', ['valuePath', 'wholeList']],
    ['values that go', ['remove']],
  ],
  nested: [
    ['parts of a name', ['nested']],
    ['enterprise attributes', ['nestedExtension']],
    ['elements of lists', ['pathlessList']],
    ['values that go', ['remove']],
  ],
  dotted: [
    ['parts of a name', ['dotted']],
    ['enterprise attributes', ['dottedExtension']],
    ['elements of lists', ['dottedValuePath', 'pathlessList']],
    ['values that go', ['remove']],
  ],
};

/** What a way of saying changes does not reach. */
function missingIn(way: Paths, effects: Effects): readonly string[] {
  return reaches[way].filter(([, forms]) => forms.every((form) => isBroken(effects, form))).map(([what]) => what);
}

function judgeElements(way: Paths, effects: Effects): readonly Finding[] {
  // Without a path and without dots, a list is always replaced as a whole.
  const isWhole =
    way === 'always' ? isBroken(effects, 'valuePath') : way === 'dotted' && isBroken(effects, 'dottedValuePath');
  return isWhole
    ? [finding(about, 'elements of lists are changed by replacing the list', { speaks: { valuePaths: false } })]
    : [];
}
