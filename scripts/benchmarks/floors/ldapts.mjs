// Baseline: reads the same entries with ldapts alone, in pages.
// usage: URL CA-FILE DN PASSWORD SEARCHES, the last as JSON: [{ base, filter, attributes }]
import { readFileSync } from 'node:fs';
import { Client } from 'ldapts';

const [url, caFile, dn, password, searches] = process.argv.slice(2);
const client = new Client({ url, tlsOptions: { ca: readFileSync(caFile) } });
await client.bind(dn, password);
let entries = 0;
for (const { base, filter, attributes } of JSON.parse(searches)) {
  for await (const page of client.searchPaginated(base, {
    scope: 'sub',
    filter,
    attributes,
    timeLimit: 0,
    paged: { pageSize: 1000 },
  }))
    entries += page.searchEntries.length;
}
await client.unbind();
console.log(entries);
