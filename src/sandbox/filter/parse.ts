import type { Json } from '../../model/resource.ts';
import { locate, type Location } from '../location.ts';
import { badRequest } from '../scim-error.ts';
import { named, type Definition, type ResourceType } from '../schema/definition.ts';
import { operators, type Filter, type Operator } from './filter.ts';
import { tokens, type Token } from './tokens.ts';

type Resolve = (name: string) => Location | undefined;

const deepest = 50;

/** @throws ScimError 400 invalidFilter */
export function parseFilter(type: ResourceType, text: string): Filter {
  return parseWith(text, (name) => locate(type, name));
}

/** A filter on the elements of one attribute: what stands in the brackets of a value path. @throws ScimError 400 invalidFilter */
export function parseElementFilter(attribute: Definition, text: string): Filter {
  return parseWith(text, elementResolver(attribute));
}

function elementResolver(attribute: Definition): Resolve {
  return (name) => {
    const sub = named(attribute.subAttributes ?? [], name);
    return sub === undefined ? undefined : { attribute: sub };
  };
}

/**
 *     or  := and ("or" and)*        and := term ("and" term)*
 *     term := ["not"] "(" or ")"  |  name "pr"  |  name operator value  |  name "[" or "]"
 */
function parseWith(text: string, resolveOutside: Resolve): Filter {
  const list = tokens(text);
  if (list === undefined) throw refuse('a quoted value does not end, or holds an escape that JSON does not know');
  let next = 0;
  let depth = 0;

  const peek = (): Token | undefined => list[next];
  const isWord = (word: string): boolean => {
    const token = peek();
    return token?.kind === 'word' && token.text.toLowerCase() === word;
  };

  function refuse(detail: string): Error {
    return badRequest('invalidFilter', `The filter ${JSON.stringify(text)} cannot be read: ${detail}.`);
  }

  function expect(kind: Token['kind']): Token {
    const token = list?.[next];
    if (token?.kind !== kind)
      throw refuse(`expected ${kind} ${token === undefined ? 'at its end' : `at character ${token.at + 1}`}`);
    next += 1;
    return token;
  }

  function joined(word: 'or' | 'and', part: (resolve: Resolve) => Filter, resolve: Resolve): Filter {
    const first = part(resolve);
    if (!isWord(word)) return first;
    const parts = [first];
    while (isWord(word)) {
      next += 1;
      parts.push(part(resolve));
    }
    return { kind: word, parts };
  }

  const conjunction = (resolve: Resolve): Filter => joined('and', term, resolve);
  const disjunction = (resolve: Resolve): Filter => joined('or', conjunction, resolve);

  function enclosed(opening: '(' | '[', closing: ')' | ']', resolve: Resolve): Filter {
    expect(opening);
    if ((depth += 1) > deepest) throw refuse(`more than ${deepest} brackets inside each other`);
    const filter = disjunction(resolve);
    expect(closing);
    depth -= 1;
    return filter;
  }

  function term(resolve: Resolve): Filter {
    if (peek()?.kind === '(') return enclosed('(', ')', resolve);
    if (isWord('not') && list?.[next + 1]?.kind === '(') {
      next += 1;
      return { kind: 'not', part: enclosed('(', ')', resolve) };
    }
    const name = word();
    const location = resolve(name);
    if (location === undefined) throw refuse(`there is no attribute ${name}`);
    if (peek()?.kind === '[') {
      if (location.sub !== undefined || location.attribute.subAttributes === undefined)
        throw refuse(`${name} has no sub-attributes`);
      return { kind: 'element', location, filter: enclosed('[', ']', elementResolver(location.attribute)) };
    }
    const operator = word().toLowerCase();
    if (operator === 'pr') return { kind: 'present', location };
    if (!operators.includes(operator as Operator)) throw refuse(`${operator} is no operator`);
    return { kind: 'compare', location, operator: operator as Operator, value: literal() };
  }

  function word(): string {
    const token = expect('word');
    return token.kind === 'word' ? token.text : '';
  }

  function literal(): Json {
    const token = peek();
    if (token?.kind === 'text') {
      next += 1;
      return token.value;
    }
    const text = word();
    if (text === 'true' || text === 'false') return text === 'true';
    if (text === 'null') return null;
    if (/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
    throw refuse(`${text} is no value; a text needs double quotes`);
  }

  const filter = disjunction(resolveOutside);
  if (next < list.length) throw refuse(`something follows at character ${(peek()?.at ?? 0) + 1}`);
  return filter;
}
