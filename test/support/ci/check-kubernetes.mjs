// Checks the manifests of deploy/kubernetes against the types and the schemas of Kubernetes' API, and checks that the
// objects to which they refer exist. The ingress must hash requests with the same maps as deploy/nginx/nginx.conf.
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

const folder = resolve(process.argv[2] ?? 'deploy/kubernetes');
const problems = [];
const expect = (holds, message) => holds || problems.push(message);

const manifests = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .flatMap((file) => read(join(folder, file)));
expect(manifests.length > 0, `${folder}: no manifests`);
if (problems.length === 0) {
  for (const manifest of manifests) await checkSchema(manifest);
  checkTypes();
  checkNames();
  checkHash();
}

/** Returns the `map` blocks with which nginx hashes requests, without comments and with single spaces. */
function readMaps(text) {
  const maps = text.replaceAll(/^\s*#.*$/gm, '').matchAll(/map \$(?:arg_showId|uri) [^]*?\n\s*\}/g);
  return [...maps].map(([map]) => map.replaceAll(/\s+/g, ' '));
}

function read(file) {
  return parseAllDocuments(readFileSync(file, 'utf8'), { uniqueKeys: true }).map((parsed) => {
    for (const { message } of [...parsed.errors, ...parsed.warnings]) problems.push(`${basename(file)}: ${message}`);
    const content = parsed.errors.length > 0 ? {} : parsed.toJS();
    return { content, name: `${basename(file)}: ${content.kind} ${content.metadata?.name}` };
  });
}

async function checkSchema({ name, content }) {
  try {
    const { [content.kind]: Model } = await import(`kubernetes-models/${content.apiVersion}/${content.kind}`);
    new Model(content).validate();
  } catch (error) {
    problems.push(`${name}: ${error.message}`);
  }
}

/** Checks the manifests as TypeScript literals, because the schemas accept unknown keys and TypeScript does not. */
function checkTypes() {
  const scratch = mkdtempSync(join(tmpdir(), 'usher-manifests-'));
  try {
    const packages = dirname(dirname(createRequire(import.meta.url).resolve('kubernetes-models/package.json')));
    symlinkSync(packages, join(scratch, 'node_modules'));
    const files = manifests.map(({ content }, at) => {
      const file = join(scratch, `manifest-${at}.ts`);
      const type = `import('kubernetes-models/${content.apiVersion}').I${content.kind}`;
      writeFileSync(file, `export const manifest: ${type} = ${JSON.stringify(content)};\n`);
      return file;
    });
    const options = { noEmit: true, strict: true, skipLibCheck: true, types: [] };
    const esm = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
    for (const { file, messageText } of ts.getPreEmitDiagnostics(ts.createProgram(files, { ...options, ...esm }))) {
      const at = files.indexOf(file?.fileName ?? '');
      problems.push(`${manifests[at]?.name ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function checkNames() {
  const find = (kind, name) => manifests.find(({ content }) => content.kind === kind && content.metadata.name === name);
  const contents = (kind) => manifests.filter(({ content }) => content.kind === kind).map(({ content }) => content);
  const labels = contents('Deployment').map(({ spec }) => spec.template.metadata.labels);
  const selects = (selector) =>
    labels.some((podLabels) => Object.entries(selector).every(([key, value]) => podLabels[key] === value));
  for (const { kind, spec } of contents('Deployment')) {
    expect(selects(spec.selector.matchLabels), `${kind}: selects none of its own pods`);
  }
  for (const { spec } of contents('Service')) expect(selects(spec.selector), 'Service: selects no pods');
  for (const { spec } of contents('PodDisruptionBudget')) {
    expect(selects(spec.selector.matchLabels), 'PodDisruptionBudget: selects no pods');
  }
  for (const { spec } of contents('HorizontalPodAutoscaler')) {
    const { kind, name } = spec.scaleTargetRef;
    expect(find(kind, name), `HorizontalPodAutoscaler: there is no ${kind} ${name}`);
  }
  for (const { spec } of contents('Ingress')) {
    for (const { backend } of spec.rules.flatMap(({ http }) => http.paths)) {
      const { name, port } = backend.service;
      const ports = find('Service', name)?.content.spec.ports ?? [];
      expect(
        ports.some((servicePort) => servicePort.name === port.name),
        `Ingress: there is no Service ${name} with port ${port.name}`,
      );
    }
  }
}

function checkHash() {
  const nginxMaps = readMaps(readFileSync(resolve(folder, '../nginx/nginx.conf'), 'utf8'));
  const snippets = manifests.map(({ content }) => content.data?.['http-snippets'] ?? '').join('');
  const ingressMaps = readMaps(snippets);
  expect(
    nginxMaps.length === 2 && nginxMaps.join() === ingressMaps.join(),
    'http-snippets: the maps differ from deploy/nginx/nginx.conf',
  );
}

for (const line of problems) process.stderr.write(`${line}\n`);
if (problems.length > 0) process.exitCode = 1;
else process.stdout.write(`${manifests.map(({ content }) => content.kind).join(', ')}: valid\n`);
