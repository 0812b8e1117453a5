// Writes THIRD-PARTY-NOTICES.txt: the licence texts of all production packages. `npm run notices` writes the file, and
// `npm run notices -- --check` fails if the file is not up to date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { platformNotices } from './policy.mjs';
import { readProductionPackages } from './production-packages.mjs';

const noticeFile = /^(un)?(licen[cs]e|copying|copyright|notice|ofl)/i;
const line = '='.repeat(80);

const intro = `Usher contains or loads the packages below. Each section names packages and has the notice that their licence demands.
"npm run notices" writes this file.`;

/** Leaves the version out, so an update of a package changes the file only if its licence or its notice changed. */
const headingOf = ({ name, licence }) => `${name} (${licence})`;

/** Returns the notice of one package. It is the same on every machine. */
function readNotice(root, described) {
  if (described.isForOnePlatform) {
    const found = platformNotices.find(({ startOfName }) => described.name.startsWith(startOfName));
    if (found) return found.notice;
    throw new Error(`${described.name} is for one platform: add its notice to deploy/packages/policy.mjs`);
  }
  const folder = join(root, described.path);
  if (!existsSync(folder)) throw new Error(`${described.path} is not installed: run npm ci`);
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((file) => file.isFile() && noticeFile.test(file.name))
    .map((file) => file.name)
    .toSorted()
    .map((name) => normalize(readFileSync(join(folder, name), 'utf8')));
  return texts.join(`\n\n${'-'.repeat(80)}\n\n`) || declare(folder);
}

/** Returns the notice of a package without a licence file: its author, as far as its `package.json` names one. */
function declare(folder) {
  const { author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const by = typeof author === 'string' ? author : author?.name;
  return `The package has no licence file. Its package.json names the licence above${by ? ` and the author ${by}` : ''}.`;
}

const normalize = (text) =>
  text
    .replaceAll(/^\uFEFF|\r/g, '')
    .replaceAll(/[ \t]+$/gm, '')
    .trim();

/** Returns the content of THIRD-PARTY-NOTICES.txt for the packages in the lock file of `root`. */
export function createNotices(root) {
  const namesByNotice = new Map();
  for (const described of readProductionPackages(root).packages.filter(({ isOurs }) => !isOurs)) {
    const notice = readNotice(root, described);
    namesByNotice.set(notice, (namesByNotice.get(notice) ?? new Set()).add(headingOf(described)));
  }
  const sections = [...namesByNotice].map(([notice, names]) => `${line}\n${[...names].join('\n')}\n\n${notice}\n`);
  return `${intro}\n\n${sections.join('\n')}`;
}

if (import.meta.main) {
  const isCheck = process.argv[2] === '--check';
  const root = resolve(process.argv[3] ?? join(import.meta.dirname, '../..'));
  const file = join(root, 'THIRD-PARTY-NOTICES.txt');
  const notices = createNotices(root);
  if (!isCheck) writeFileSync(file, notices);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== notices) {
    process.stderr.write('THIRD-PARTY-NOTICES.txt does not match the packages: run "npm run notices" and commit it\n');
    process.exitCode = 1;
  }
}
