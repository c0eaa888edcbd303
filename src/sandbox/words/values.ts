import { isBlank } from '../../model/shape.ts';
import { enterpriseUserSchema } from '../../model/path.ts';
import type { Holds, ListRule } from '../../model/profile.ts';
import type { Json } from '../../model/resource.ts';
import { changeAt, changeTexts, onlyAt, valuesOf } from '../attributes.ts';
import type { Habit } from '../application.ts';
import { isComplex, withMember, type Complex } from '../resource.ts';
import { badRequest } from '../scim-error.ts';

/** What the application keeps of what it is told, and what it refuses: `keeps`, `drops`, `foldsCase`, `foldsPunctuation`, `values`, `lists`, `needs`, `fixed`. */
export function values(holds: Holds): Habit {
  const here = (path: string): string =>
    path.replace(enterpriseUserSchema, holds.enterpriseSchema ?? enterpriseUserSchema);
  const drops = holds.drops.map(here);
  const keeps = holds.keeps === 'everything' ? undefined : holds.keeps.map(here);
  const lowered = [
    ...holds.foldsCase,
    ...Object.entries(holds.values).flatMap(([path, { lowerCase }]) => (lowerCase === true ? [path] : [])),
  ].map(here);
  const rules = Object.entries(holds.values).map(([path, rule]) => ({ path: here(path), ...rule }));

  function kept(attributes: Complex): Complex {
    const some = keeps === undefined ? attributes : onlyAt(attributes, keeps);
    const cased = lowered.reduce(
      (object, path) => changeAt(object, path, (value) => changeTexts(value, (text) => text.toLowerCase())),
      some,
    );
    return holds.foldsPunctuation
      .map(here)
      .reduce((object, path) => changeAt(object, path, (value) => changeTexts(value, withoutPunctuation)), cased);
  }

  /** Changes of it are taken, and leave what was there. */
  function asMade(attributes: Complex, before: Complex): Complex {
    const inside = (object: Complex, path: string): Complex => changeAt(object, path, () => valuesOf(before, path)[0]);
    return holds.fixed
      .map(here)
      .reduce(
        (object, path) => (before[path] === undefined ? inside(object, path) : withMember(object, path, before[path])),
        attributes,
      );
  }

  function judge(attributes: Complex): void {
    for (const path of holds.needs.map(here)) {
      if (valuesOf(attributes, path).every(isBlank)) throw badRequest('invalidValue', `${path} is required here.`);
    }
    for (const { path, longest, refuses } of rules) {
      for (const value of valuesOf(attributes, path)) {
        if (typeof value !== 'string') continue;
        if (longest !== undefined && [...value].length > longest)
          throw badRequest('invalidValue', `${path} is longer than ${longest} characters.`);
        if (refuses !== undefined && new RegExp(refuses, 'u').test(value))
          throw badRequest('invalidValue', `${path} must not be like ${JSON.stringify(value)}.`);
      }
    }
    for (const [attribute, rule] of Object.entries(holds.lists)) judgeList(attribute, attributes[attribute], rule);
  }

  return {
    store(attributes, { kind, asked, before }) {
      const left = drops.reduce((object, path) => changeAt(object, path, () => undefined), attributes);
      if (kind === 'Group') return left;
      // What is planted was made at the application, whatever it asks of clients.
      if (asked !== undefined) judge(left);
      return before === undefined ? kept(left) : asMade(kept(left), before);
    },
  };
}

function judgeList(attribute: string, value: Json | undefined, { most, primary, parts }: ListRule): void {
  if (!Array.isArray(value)) return;
  const elements = (value as readonly Json[]).filter(isComplex);
  if (most !== undefined && elements.length > most)
    throw badRequest(
      'invalidValue',
      `${attribute} may have ${most} ${most === 1 ? 'element' : 'elements'}, not ${elements.length}.`,
    );
  if (primary === true && elements.filter((element) => element['primary'] === true).length !== 1) {
    throw badRequest('invalidValue', `Exactly one element of ${attribute} must be primary.`);
  }
  const foreign =
    parts === undefined
      ? undefined
      : elements.flatMap((element) => Object.keys(element)).find((name) => !parts.includes(name));
  if (foreign !== undefined) throw badRequest('invalidValue', `${attribute}.${foreign} is not supported.`);
}

const withoutPunctuation = (text: string): string => text.replace(/[^\p{L}\p{N}+]/gu, '');
