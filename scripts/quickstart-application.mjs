// Shows, saves and restores the resources of the quickstart's application, through the control pages of the sandbox
// (src/sandbox/control).
//
//   node scripts/quickstart-application.mjs show ADDRESS         prints them
//   node scripts/quickstart-application.mjs save ADDRESS FILE    saves them; the sandbox itself stores nothing on disk
//   node scripts/quickstart-application.mjs fill ADDRESS FILE    loads them into a new sandbox
import { readFileSync, writeFileSync } from 'node:fs';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const [action, address, file] = process.argv.slice(2);
const actions = { show, save, fill };
if (actions[action] === undefined || address === undefined || (action !== 'show' && file === undefined)) {
  console.error('quickstart-application: expected show ADDRESS, save ADDRESS FILE or fill ADDRESS FILE');
  process.exit(4);
}
await actions[action]();

async function show() {
  const { users, groups, requests } = await state();
  const inactive = users.filter(({ active }) => !active);
  console.log(
    `${users.length} users, ${users.length - inactive.length} of them active; ` +
      `${groups.length} groups; ${requests} requests so far`,
  );
  for (const user of users.slice(-3))
    console.log(`  ${user.userName}  ${user.title}, manager ${displayNameOf(users, user[enterprise]?.manager?.value)}`);
  for (const { userName } of inactive) console.log(`  ${userName}  inactive`);
  for (const { displayName, members = [] } of groups) {
    console.log(`  ${displayName}: ${members.map(({ value }) => displayNameOf(users, value)).join(', ')}`);
  }
}

async function save() {
  const { users, groups } = await state();
  writeFileSync(file, `${JSON.stringify({ users, groups }, null, 2)}\n`);
}

async function fill() {
  await request('POST', '/_sandbox/seed', readFileSync(file, 'utf8'));
}

async function state() {
  return (await request('GET', '/_sandbox/state')).json();
}

async function request(method, path, body) {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: status ${response.status}: ${await response.text()}`);
  return response;
}

function displayNameOf(users, id) {
  return users.find((user) => user.id === id)?.displayName ?? 'none';
}
