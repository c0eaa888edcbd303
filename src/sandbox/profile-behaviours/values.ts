import { isBlank } from '../../model/scim-json.ts';
import { enterpriseUserSchema } from '../../model/path.ts';
import type { Supports, ListConstraint } from '../../model/profile.ts';
import type { Json } from '../../model/resource.ts';
import { changeValuesAt, mapStrings, pickPaths, valuesOf } from '../behaviours/attribute-values.ts';
import type { Behaviour } from '../behaviours/behaviour.ts';
import { isComplex, withMember, type Complex } from '../resources/resource.ts';
import { badRequest } from '../http/scim-error.ts';

/**
 * Which attributes are stored, changed or refused: `onlyAttributes`, `unsupportedAttributes`, `caseInsensitive`,
 * `ignoresPunctuation`, `values`, `lists`, `requiredAttributes`, `immutableAttributes`.
 */
export function storedValues(supports: Supports): Behaviour {
  const localPath = (path: string): string =>
    path.replace(enterpriseUserSchema, supports.enterpriseSchema ?? enterpriseUserSchema);
  const unsupportedAttributes = supports.unsupportedAttributes.map(localPath);
  const onlyAttributes = supports.onlyAttributes === 'all' ? undefined : supports.onlyAttributes.map(localPath);
  const lowerCasePaths = [
    ...supports.caseInsensitive,
    ...Object.entries(supports.values).flatMap(([path, { lowerCase }]) => (lowerCase === true ? [path] : [])),
  ].map(localPath);
  const constraints = Object.entries(supports.values).map(([path, constraint]) => ({
    path: localPath(path),
    ...constraint,
  }));

  function transformValues(attributes: Complex): Complex {
    const picked = onlyAttributes === undefined ? attributes : pickPaths(attributes, onlyAttributes);
    const lowerCased = lowerCasePaths.reduce(
      (object, path) => changeValuesAt(object, path, (value) => mapStrings(value, (text) => text.toLowerCase())),
      picked,
    );
    return supports.ignoresPunctuation
      .map(localPath)
      .reduce(
        (object, path) => changeValuesAt(object, path, (value) => mapStrings(value, withoutPunctuation)),
        lowerCased,
      );
  }

  /** Ignores updates of immutable attributes. */
  function restoreImmutable(attributes: Complex, before: Complex): Complex {
    const restoreAt = (object: Complex, path: string): Complex =>
      changeValuesAt(object, path, () => valuesOf(before, path)[0]);
    return supports.immutableAttributes
      .map(localPath)
      .reduce(
        (object, path) =>
          before[path] === undefined ? restoreAt(object, path) : withMember(object, path, before[path]),
        attributes,
      );
  }

  function validate(attributes: Complex): void {
    for (const path of supports.requiredAttributes.map(localPath)) {
      if (valuesOf(attributes, path).every(isBlank)) throw badRequest('invalidValue', `${path} is required.`);
    }
    for (const { path, maxLength, rejectPattern } of constraints) {
      for (const value of valuesOf(attributes, path)) {
        if (typeof value !== 'string') continue;
        if (maxLength !== undefined && [...value].length > maxLength)
          throw badRequest('invalidValue', `${path} is longer than ${maxLength} characters.`);
        if (rejectPattern !== undefined && new RegExp(rejectPattern, 'u').test(value))
          throw badRequest('invalidValue', `${path} must not match ${JSON.stringify(rejectPattern)}.`);
      }
    }
    for (const [attribute, constraint] of Object.entries(supports.lists))
      validateList(attribute, attributes[attribute], constraint);
  }

  return {
    transformStored(attributes, { resourceType, request, before }) {
      const supported = unsupportedAttributes.reduce(
        (object, path) => changeValuesAt(object, path, () => undefined),
        attributes,
      );
      if (resourceType === 'Group') return supported;
      // Requirements apply to requests; seeded resources were created in the application itself.
      if (request !== undefined) validate(supported);
      return before === undefined ? transformValues(supported) : restoreImmutable(transformValues(supported), before);
    },
  };
}

function validateList(
  attribute: string,
  value: Json | undefined,
  { maxItems, primary, subAttributes }: ListConstraint,
): void {
  if (!Array.isArray(value)) return;
  const elements = (value as readonly Json[]).filter(isComplex);
  if (maxItems !== undefined && elements.length > maxItems)
    throw badRequest(
      'invalidValue',
      `${attribute} may have at most ${maxItems} ${maxItems === 1 ? 'element' : 'elements'}, not ${elements.length}.`,
    );
  if (primary === true && elements.filter((element) => element['primary'] === true).length !== 1) {
    throw badRequest('invalidValue', `Exactly one element of ${attribute} must be primary.`);
  }
  const unsupported =
    subAttributes === undefined
      ? undefined
      : elements.flatMap((element) => Object.keys(element)).find((name) => !subAttributes.includes(name));
  if (unsupported !== undefined) throw badRequest('invalidValue', `${attribute}.${unsupported} is not supported.`);
}

const withoutPunctuation = (text: string): string => text.replace(/[^\p{L}\p{N}+]/gu, '');
