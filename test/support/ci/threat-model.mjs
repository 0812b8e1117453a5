// Reads the rows of docs/threat-model.md: each attack with its guard and the tests that prove the guard.

/** A table row of a text: its cells, without white space around them. */
const cellsOf = (line) =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

/** Returns the attacks: the rows of all tables whose columns are asset, entry point, guard and test. */
export function readAttacks(text) {
  const attacks = [];
  let isAttackTable = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      isAttackTable = false;
      continue;
    }
    const [asset, entryPoint, guard, test, ...others] = cellsOf(line);
    if (asset === 'asset') isAttackTable = entryPoint === 'entry point' && guard === 'guard' && test === 'test';
    else if (isAttackTable && !/^-+$/.test(asset)) attacks.push({ asset, entryPoint, guard, test, others });
  }
  return attacks;
}

/** Returns the tests that a cell names, as in "`test/a.test.ts`: "keeps its promise"". */
export const namedTests = (cell) =>
  [...cell.matchAll(/`([^`]+)`: "([^"]+)"/g)].map(([, path, name]) => ({ path, name }));

/**
 * Returns the problems of an attack.
 *
 * @param read returns the content of a file, or null if there is no such file
 */
export function findProblems({ asset, entryPoint, guard, test, others }, read) {
  const tests = namedTests(test);
  const rest = tests.reduce((left, { path, name }) => left.replace(`\`${path}\`: "${name}"`, ''), test);
  const where = `${asset}, ${entryPoint}`;
  return [
    ...(others.length > 0 || test === undefined ? [`${where}: the row does not have four cells`] : []),
    ...(guard === '' ? [`${where}: the guard is missing; write **None** if there is none`] : []),
    ...(tests.length === 0 && test !== 'None' ? [`${where}: the test must be None or \`path\`: "name"`] : []),
    ...(tests.length > 0 && !/^[\s;]*$/.test(rest) ? [`${where}: cannot read ${rest.trim()}`] : []),
    ...tests.flatMap(({ path, name }) => {
      const content = read(path);
      if (content === null) return [`${where}: there is no ${path}`];
      const isThere = [`'${name}'`, `"${name}"`, `\`${name}\``].some((literal) => content.includes(literal));
      return isThere ? [] : [`${where}: ${path} has no test "${name}"`];
    }),
  ];
}
