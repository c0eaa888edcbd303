// Unchanged passes over OpenLDAP.
import { openDirectoryFixture, runLdapts, startDirectory } from '../directory.mjs';
import { cpuRatio, requestsOf } from './checks.mjs';

const people = 2000;
const repetitions = 3;

export async function directoryPasses(program, checks) {
  const slapd = await startDirectory(people);
  const opened = [];
  try {
    for (const changes of [[], ['sync']]) opened.push(await openDirectoryFixture(program, slapd, changes));
    const [pages, cookies] = opened;
    const measured = { ldapts: [], pages: [], cookies: [] };
    for (const fixture of opened) await fixture.run('sync');
    for (let run = 0; run < repetitions; run += 1) {
      measured.ldapts.push(await runLdapts(slapd));
      measured.pages.push(await pages.run('sync'));
      measured.cookies.push(await cookies.run('sync'));
    }
    checks.equal('LDAP by pages: requests', Math.max(...measured.pages.map(requestsOf)), 0);
    checks.most('LDAP by pages: CPU ÷ ldapts', cpuRatio(measured.pages, measured.ldapts), 10);
    checks.equal('LDAP by cookie: requests', Math.max(...measured.cookies.map(requestsOf)), 0);
    checks.most('LDAP by cookie: CPU ÷ by pages', cpuRatio(measured.cookies, measured.pages), 1.5);
  } finally {
    for (const fixture of opened) fixture.close();
    await slapd[Symbol.asyncDispose]();
  }
}
