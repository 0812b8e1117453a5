// Writes an SBOM (software bill of materials) of the production packages in the format CycloneDX 1.6:
// `npm run sbom [-- file]`. The default file is usher.cdx.json.
//
// `npm sbom --omit=dev` is not used, because it left out 99 of 364 packages: those that a development package also
// needs. The result contains no time and no random number, so `diff` shows what changed between two releases.
import cyclonedx from '@cyclonedx/cyclonedx-library';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import satisfies from 'spdx-satisfies';
import { allowedLicences } from './policy.mjs';
import { readProductionPackages } from './production-packages.mjs';

const { Contrib, Enums, Models, Serialize, Spec, Validation } = cyclonedx;
const version = Spec.SpecVersionDict[Spec.Version.v1dot6];
/** The factory needs a function that throws if the argument is not a licence expression. */
const licences = new Contrib.License.Factories.LicenseFactory((expression) => satisfies(expression, allowedLicences));

/** @param {import('./production-packages.mjs').ProductionPackage} described */
function createComponent({ path, name, version: packageVersion, licence, integrity, isForOnePlatform }, type) {
  const [, group, ownName] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name);
  return new Models.Component(type, ownName, {
    group,
    version: packageVersion,
    bomRef: path || name,
    purl: `pkg:npm/${name.replace('@', '%40')}@${packageVersion}`,
    scope: isForOnePlatform ? Enums.ComponentScope.Optional : Enums.ComponentScope.Required,
    licenses: new Models.LicenseRepository(licence ? [licences.makeFromString(licence)] : []),
    hashes: new Models.HashDictionary(integrity ? [readHash(integrity)] : []),
  });
}

/** Converts the hash of a lock file, such as "sha512-" and Base64, to the form of CycloneDX. */
function readHash(integrity) {
  const [, algorithm, content] = /^(sha\d+)-(\S+)/.exec(integrity);
  const algorithms = { sha1: Enums.HashAlgorithm['SHA-1'], sha512: Enums.HashAlgorithm['SHA-512'] };
  return [algorithms[algorithm], Buffer.from(content, 'base64').toString('hex')];
}

/** Returns the SBOM of the packages in the lock file of `root`, as JSON. */
export function createSbom(root) {
  const { application, packages } = readProductionPackages(root);
  const main = createComponent(application, Enums.ComponentType.Application);
  const components = new Map(
    packages.map((described) => [described.path, createComponent(described, Enums.ComponentType.Library)]),
  );
  const link = (component, { dependencies }) => {
    for (const path of dependencies) component.dependencies.add(components.get(path).bomRef);
  };
  link(main, application);
  for (const described of packages) link(components.get(described.path), described);
  const metadata = new Models.Metadata({ component: main });
  const bom = new Models.Bom({ metadata, components: new Models.ComponentRepository(components.values()) });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(version));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

/** Returns what the schema of CycloneDX rejects in an SBOM, or null if the SBOM is valid. */
export const validateSbom = (sbom) => new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(sbom);

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '../..');
  const file = resolve(process.argv[2] ?? 'usher.cdx.json');
  const sbom = createSbom(root);
  const problems = await validateSbom(sbom);
  if (problems !== null) throw new Error(`the SBOM does not match the schema: ${JSON.stringify(problems)}`);
  writeFileSync(file, sbom);
  process.stdout.write(`${file}: ${JSON.parse(sbom).components.length} packages\n`);
}
