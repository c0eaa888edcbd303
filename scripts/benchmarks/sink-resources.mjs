// What the application of the benchmarks stores: the text of each user, and groups with their members. It applies the
// changes that scimsync sends; filters are "attribute eq value" on userName, externalId or displayName.

/** Resources of one type. They stay text until a change or a search needs an attribute. */
export function createResources() {
  const texts = new Map();
  const indexes = new Map();

  const indexOf = (attribute) => {
    if (!indexes.has(attribute)) {
      const ids = new Map();
      for (const [id, text] of texts) ids.set(valueOf(text, attribute), id);
      indexes.set(attribute, ids);
    }
    return indexes.get(attribute);
  };

  const set = (id, text) => {
    texts.set(id, text);
    for (const [attribute, ids] of indexes) ids.set(valueOf(text, attribute), id);
    return text;
  };

  return {
    /** @returns the text of the new resource */
    create: (id, body) => set(id, `{"id":"${id}",${body.slice(1)}`),
    text: (id) => texts.get(id),
    replace: (id, body) => set(id, JSON.stringify({ ...JSON.parse(body), id })),
    patch(id, body) {
      const resource = JSON.parse(texts.get(id));
      for (const operation of JSON.parse(body).Operations) apply(resource, operation);
      return set(id, JSON.stringify(resource));
    },
    remove: (id) => texts.delete(id),
    /** @returns the texts of one page; `total` is the number of all matches */
    search(filter, startIndex, count) {
      const match = /^(\w+) eq "((?:[^"\\]|\\.)*)"$/.exec(filter ?? '');
      if (match !== null) {
        const text = texts.get(indexOf(match[1]).get(folded(match[2])));
        const isHit = text !== undefined && valueOf(text, match[1]) === folded(match[2]);
        return { total: isHit ? 1 : 0, page: isHit ? [text] : [] };
      }
      const page = [];
      let position = 0;
      for (const text of texts.values()) {
        position += 1;
        if (position >= startIndex + count) break;
        if (position >= startIndex) page.push(text);
      }
      return { total: texts.size, page };
    },
    texts: () => texts.values(),
  };
}

/** The first value of a top-level attribute of a resource, without parsing all of it. */
export function valueOf(text, attribute) {
  const value = new RegExp(`"${attribute}":("(?:[^"\\\\]|\\\\.)*")`).exec(text)?.[1];
  return value === undefined ? undefined : folded(JSON.parse(value));
}

const folded = (value) => value.toLowerCase();

function apply(resource, { op, path, value }) {
  if (path === undefined) return Object.assign(resource, value);
  if (path.startsWith('members')) return changeMembers(resource, op.toLowerCase(), path, value);
  const [, urn, attribute, filter, sub] =
    /^(?:(urn:[^[\]]*):)?([\w$]+)(?:\[(.+)\])?(?:\.([\w$]+))?$/.exec(path) ?? fail(path);
  const container = urn === undefined ? resource : (resource[urn] ??= {});
  const parent = filter === undefined ? container : itemOf((container[attribute] ??= []), filter);
  if (filter === undefined && sub === undefined) return assign(container, attribute, op, value);
  if (filter !== undefined && sub === undefined) return Object.assign(parent, value);
  assign(filter === undefined ? (container[attribute] ??= {}) : parent, sub, op, value);
}

function assign(container, name, op, value) {
  if (op.toLowerCase() === 'remove') delete container[name];
  else container[name] = value;
}

/** The value that a filter such as `type eq "work"` selects; added if it is missing. */
function itemOf(values, filter) {
  const [, name, wanted] = /^(\w+) eq "([^"]*)"$/.exec(filter) ?? fail(filter);
  const existing = values.find((value) => value[name] === wanted);
  if (existing !== undefined) return existing;
  const added = { [name]: wanted };
  values.push(added);
  return added;
}

function changeMembers(resource, op, path, value) {
  const ids = new Set((resource.members ?? []).map((member) => member.value));
  const filtered = /^members\[value eq "([^"]+)"\]$/.exec(path)?.[1];
  if (filtered !== undefined) ids.delete(filtered);
  else if (op === 'remove' && value === undefined) ids.clear();
  else {
    if (op === 'replace') ids.clear();
    for (const member of value) ids[op === 'remove' ? 'delete' : 'add'](member.value);
  }
  resource.members = Array.from(ids, (id) => ({ value: id }));
}

function fail(path) {
  throw new Error(`the sink cannot apply ${path}`);
}
