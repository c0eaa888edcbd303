import type { Json } from '../../model/resource.ts';
import { locateAttribute, type AttributeLocation } from '../schema/attribute-location.ts';
import { badRequest } from '../http/scim-error.ts';
import { findDefinition, type AttributeDefinition, type ResourceTypeDefinition } from '../schema/definition.ts';
import { operators, type Filter, type Operator } from './filter.ts';
import { tokenize, type Token } from './lexer.ts';

type Resolve = (name: string) => AttributeLocation | undefined;

const maxDepth = 50;

/** Parses the filter of a query. @throws ScimError 400 invalidFilter */
export function parseFilter(type: ResourceTypeDefinition, text: string): Filter {
  return parseWithResolver(text, (name) => locateAttribute(type, name));
}

/** Parses the filter in the brackets of a value path. @throws ScimError 400 invalidFilter */
export function parseElementFilter(attribute: AttributeDefinition, text: string): Filter {
  return parseWithResolver(text, elementResolver(attribute));
}

function elementResolver(attribute: AttributeDefinition): Resolve {
  return (name) => {
    const sub = findDefinition(attribute.subAttributes ?? [], name);
    return sub === undefined ? undefined : { attribute: sub };
  };
}

/**
 *     or  := and ("or" and)*        and := term ("and" term)*
 *     term := ["not"] "(" or ")"  |  name "pr"  |  name operator value  |  name "[" or "]"
 */
function parseWithResolver(text: string, resolveAttribute: Resolve): Filter {
  const tokens = tokenize(text);
  if (tokens === undefined)
    throw syntaxError('a quoted value is unterminated, or has an escape that is invalid in JSON');
  let next = 0;
  let depth = 0;

  const peek = (): Token | undefined => tokens[next];
  const isWord = (word: string): boolean => {
    const token = peek();
    return token?.kind === 'word' && token.text.toLowerCase() === word;
  };

  function syntaxError(detail: string): Error {
    return badRequest('invalidFilter', `The filter ${JSON.stringify(text)} is invalid: ${detail}.`);
  }

  function expect(kind: Token['kind']): Token {
    const token = tokens?.[next];
    if (token?.kind !== kind)
      throw syntaxError(`expected ${kind} ${token === undefined ? 'at the end' : `at character ${token.at + 1}`}`);
    next += 1;
    return token;
  }

  function parseOperands(word: 'or' | 'and', part: (resolve: Resolve) => Filter, resolve: Resolve): Filter {
    const first = part(resolve);
    if (!isWord(word)) return first;
    const parts = [first];
    while (isWord(word)) {
      next += 1;
      parts.push(part(resolve));
    }
    return { kind: word, parts };
  }

  const conjunction = (resolve: Resolve): Filter => parseOperands('and', term, resolve);
  const disjunction = (resolve: Resolve): Filter => parseOperands('or', conjunction, resolve);

  function parseEnclosed(opening: '(' | '[', closing: ')' | ']', resolve: Resolve): Filter {
    expect(opening);
    if ((depth += 1) > maxDepth) throw syntaxError(`more than ${maxDepth} nested brackets`);
    const filter = disjunction(resolve);
    expect(closing);
    depth -= 1;
    return filter;
  }

  function term(resolve: Resolve): Filter {
    if (peek()?.kind === '(') return parseEnclosed('(', ')', resolve);
    if (isWord('not') && tokens?.[next + 1]?.kind === '(') {
      next += 1;
      return { kind: 'not', part: parseEnclosed('(', ')', resolve) };
    }
    const name = word();
    const location = resolve(name);
    if (location === undefined) throw syntaxError(`there is no attribute ${name}`);
    if (peek()?.kind === '[') {
      if (location.sub !== undefined || location.attribute.subAttributes === undefined)
        throw syntaxError(`${name} has no sub-attributes`);
      return { kind: 'element', location, filter: parseEnclosed('[', ']', elementResolver(location.attribute)) };
    }
    const operator = word().toLowerCase();
    if (operator === 'pr') return { kind: 'present', location };
    if (!operators.includes(operator as Operator)) throw syntaxError(`${operator} is not an operator`);
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
    throw syntaxError(`${text} is not a value; a string needs double quotes`);
  }

  const filter = disjunction(resolveAttribute);
  if (next < tokens.length) throw syntaxError(`unexpected text at character ${(peek()?.at ?? 0) + 1}`);
  return filter;
}
