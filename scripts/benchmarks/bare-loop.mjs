// Baseline: sends recorded requests without journal, rate limit or response handling. usage:
//   bare-loop.mjs axios|undici FILE URL CONCURRENCY
// axios is used as it comes; undici, the client of the product, with its connections only.
import { readFileSync } from 'node:fs';
import axios from 'axios';
import { Pool } from 'undici';

const [client, file, url, concurrency] = [process.argv[2], process.argv[3], process.argv[4], Number(process.argv[5])];
const requests = readFileSync(file, 'utf8')
  .split('\n')
  .map((line) => JSON.parse(line));
const headers = {
  'user-agent': 'scimsync',
  accept: 'application/scim+json, application/json;q=0.9',
  authorization: 'Bearer bench',
  'content-type': 'application/scim+json',
};

const pool = new Pool(url, { connections: concurrency, pipelining: 1 });
const send = {
  axios: ({ method, url: path, body }) => axios.request({ method, url: url + path, headers, data: body }),
  async undici({ method, url: path, body }) {
    const response = await pool.request({ method, path, headers, body });
    const text = await response.body.text();
    if (text !== '') JSON.parse(text);
  },
}[client];

let next = 0;
async function worker() {
  while (next < requests.length) await send(requests[next++]);
}
await Promise.all(Array.from({ length: concurrency }, worker));
await pool.close();
