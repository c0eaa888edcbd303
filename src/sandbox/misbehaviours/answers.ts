import type { Json } from '../../model/resource.ts';
import type { Answer } from '../answer.ts';
import type { Asked } from '../request.ts';
import { isComplex, type Complex } from '../resource.ts';

/** Whether a list is asked for: of everybody, or of those whom a filter means. */
export const asksList = ({ on, request }: Asked): boolean => on === 'collection' && request.method === 'GET';

export const filterOf = (asked: Asked): string | undefined =>
  asksList(asked) ? (asked.request.query.get('filter') ?? undefined) : undefined;

/** Whether everybody is asked for. */
export const asksEverybody = (asked: Asked): boolean => asksList(asked) && filterOf(asked) === undefined;

export const isWrite = ({ on, request }: Asked): boolean =>
  (on === 'collection' || on === 'resource') && request.method !== 'GET';

export const isChange = ({ on, request }: Asked): boolean =>
  on === 'resource' && (request.method === 'PATCH' || request.method === 'PUT');

export const succeeded = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** The request with other query parameters; undefined takes one away. */
export function withQuery(asked: Asked, changes: Readonly<Record<string, string | undefined>>): Asked {
  const query = new URLSearchParams(asked.request.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  return { ...asked, request: { ...asked.request, query } };
}

/** What is accepted and not done: a change that is heard as a question for what is there. */
export function asQuestion(asked: Asked): Asked {
  return { ...asked, request: { ...asked.request, method: 'GET', text: '' } };
}

/** The answer with another body, where it has one. */
export function withBody(answer: Answer, change: (body: Complex) => Complex): Answer {
  return answer.body === undefined ? answer : { ...answer, body: change(answer.body) };
}

/** A list that was answered, with other rows or other numbers. */
export function withList(
  answer: Answer,
  asked: Asked,
  change: (body: Complex, rows: readonly Json[]) => Complex,
): Answer {
  const rows = answer.body?.['Resources'];
  return asksList(asked) && answer.body !== undefined && Array.isArray(rows)
    ? { ...answer, body: change(answer.body, rows as readonly Json[]) }
    : answer;
}

/** A page for people. */
export function html(status: number, title: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    text: `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
  };
}

export const empty = (status: number): Answer => ({ status, headers: {} });

export function without(object: Complex, ...names: readonly string[]): Complex {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** Each object in a value, changed from the inside out. */
export function mapObjects(value: Json, change: (object: Complex) => Complex): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((element) => mapObjects(element, change));
  if (!isComplex(value)) return value;
  return change(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapObjects(inner, change)])));
}
