/** A target in angle brackets, with its parameters. */
const link = /<([^>]*)>((?:[^,"<]|"(?:[^"\\]|\\.)*")*)/g;

const parameter = /;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))/g;

/**
 * The target of the link with the relation `next` in a Link header (RFC 8288); undefined: there is none.
 *
 *     <https://hr.example.com/people?page=2>; rel="next", </people?page=9>; rel=last
 */
export function nextLink(header: string | undefined): string | undefined {
  for (const [, target = '', parameters = ''] of (header ?? '').matchAll(link)) {
    for (const [, name = '', quoted, token] of parameters.matchAll(parameter)) {
      const relations = (quoted ?? token ?? '').toLowerCase().split(/\s+/);
      if (name.toLowerCase() === 'rel' && relations.includes('next')) return target.trim();
    }
  }
  return undefined;
}
