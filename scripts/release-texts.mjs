// Writes the version of a release where it is a text: the changelog, the chart and the manifests, and the docs. Prints
// the section of the changelog.
//
//   node scripts/release-texts.mjs 0.2.0 2026-12-01
import { readFileSync, writeFileSync } from 'node:fs';

const [version, date] = process.argv.slice(2);

/** Files with the version, and what precedes it there. */
const places = [
  ['config/deploy/helm/Chart.yaml', /(?<=^version: ).+$/m],
  ['config/deploy/helm/Chart.yaml', /(?<=^appVersion: ').+(?='$)/m],
  ['config/deploy/helm/values.yaml', /(?<=^ {2}tag: ).+$/m],
  ['config/deploy/kubernetes/deployment.yaml', /(?<=image: scimsync:).+$/m],
  ['config/deploy/kubernetes/cronjob.yaml', /(?<=image: scimsync:).+$/m],
  ['docs/installing.md', /(?<=scimsync-)\d+\.\d+\.\d+(?=\.tgz)/],
];

for (const [file, place] of places) {
  const text = readFileSync(file, 'utf8');
  if (!place.test(text)) fail(`${file} has no version`);
  writeFileSync(file, text.replace(place, version));
}

const changelog = readFileSync('CHANGELOG.md', 'utf8');
const section = /^## Unreleased\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(changelog)?.[1]?.trim() ?? '';
if (section === '') fail('CHANGELOG.md has nothing below "## Unreleased"');
writeFileSync(
  'CHANGELOG.md',
  changelog.replace(/^## Unreleased\n/m, () => `## ${version} (${date})\n`),
);
process.stdout.write(`${section}\n`);

function fail(message) {
  console.error(`scripts/release: ${message}`);
  process.exit(1);
}
