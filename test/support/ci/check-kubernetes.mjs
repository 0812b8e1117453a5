// Checks the manifests of deploy/kubernetes against the types and the schemas of Kubernetes' API, and checks that the
// objects to which they refer exist. The ingress must hash requests with the same maps as deploy/nginx/nginx.conf. The pods must
// have only the rights that they need.
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { BlockList } from 'node:net';
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
  checkRights();
  checkOperationsPort();
  checkPolicies();
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

function contents(kind) {
  return manifests.filter(({ content }) => content.kind === kind).map(({ content }) => content);
}

function checkNames() {
  const find = (kind, name) => manifests.find(({ content }) => content.kind === kind && content.metadata.name === name);
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

/** Checks that no container can gain rights, write to its file system, or call the API of Kubernetes. */
function checkRights() {
  for (const { spec: pod } of contents('Deployment').map(({ spec }) => spec.template)) {
    expect(pod.automountServiceAccountToken === false, 'automountServiceAccountToken must be false');
    expect(!pod.hostNetwork && !pod.hostPID && !pod.hostIPC, 'pods must not share namespaces with their machine');
    expect(!pod.volumes?.some(({ hostPath }) => hostPath), 'pods must not mount a hostPath');
    for (const container of [...(pod.initContainers ?? []), ...pod.containers]) checkContainer(container, pod);
  }
}

function checkContainer({ name, env = [], securityContext: own = {} }, { securityContext: ofPod = {} }) {
  const rights = { ...ofPod, ...own };
  expect(rights.runAsNonRoot === true && rights.runAsUser !== 0, `${name}: runAsNonRoot must be true`);
  expect(rights.seccompProfile?.type === 'RuntimeDefault', `${name}: seccompProfile must be RuntimeDefault`);
  expect(rights.allowPrivilegeEscalation === false, `${name}: allowPrivilegeEscalation must be false`);
  expect(rights.readOnlyRootFilesystem === true, `${name}: readOnlyRootFilesystem must be true`);
  expect(rights.capabilities?.drop?.includes('ALL'), `${name}: capabilities.drop must contain ALL`);
  expect((rights.capabilities?.add ?? []).length === 0, `${name}: capabilities.add must be empty`);
  expect(!rights.privileged, `${name}: must not be privileged`);
  for (const { name: setting, value } of env) {
    const isSecret = /SECRET|PASSWORD|API_KEY|^(DATABASE|REDIS|SMTP)_URL$/.test(setting);
    expect(!isSecret || value === undefined, `${name}: ${setting} must come from a Secret`);
  }
}

/** Checks that probes and Prometheus use the operations port, and that the Service does not expose it. */
function checkOperationsPort() {
  for (const { spec, metadata } of contents('Deployment').map((deployment) => deployment.spec.template)) {
    for (const { name, env, ports, ...probes } of spec.containers) {
      const port = ports.find((one) => one.name === 'operations')?.containerPort;
      const setting = env.find((one) => one.name === 'OPERATIONS_PORT')?.value;
      expect(
        setting !== undefined && setting === String(port),
        `${name}: OPERATIONS_PORT differs from the port operations`,
      );
      expect(metadata.annotations['prometheus.io/port'] === setting, `${name}: Prometheus scrapes another port`);
      for (const kind of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        expect(probes[kind]?.httpGet?.port === 'operations', `${name}: ${kind} must use the port operations`);
      }
    }
  }
  const exposed = contents('Service').flatMap(({ spec }) => spec.ports.map(({ targetPort }) => targetPort));
  expect(!exposed.includes('operations') && !exposed.includes(9464), 'Service: must not expose the port operations');
}

/** Checks that a NetworkPolicy covers every pod, and that each of its rules names peers and ports. */
function checkPolicies() {
  const policies = contents('NetworkPolicy').map(({ spec }) => spec);
  const covers = (podLabels, type) =>
    policies.some(
      ({ podSelector, policyTypes }) =>
        policyTypes.includes(type) &&
        Object.entries(podSelector.matchLabels ?? {}).every(([key, value]) => podLabels[key] === value),
    );
  for (const { spec } of contents('Deployment')) {
    for (const type of ['Ingress', 'Egress']) {
      expect(covers(spec.template.metadata.labels, type), `NetworkPolicy: does not restrict the ${type} of all pods`);
    }
  }
  for (const { ingress = [], egress = [] } of policies) {
    for (const { from: peers = [], ports = [] } of ingress) {
      expect(peers.length > 0 && ports.length > 0, 'NetworkPolicy: an ingress rule allows all callers or all ports');
      expect(
        peers.every(({ ipBlock }) => !ipBlock),
        'NetworkPolicy: an ingress rule allows addresses',
      );
      expect(ports.length === 1, 'NetworkPolicy: an ingress rule has several ports');
    }
    for (const { to: peers = [], ports = [] } of egress) {
      expect(peers.length > 0 && ports.length > 0, 'NetworkPolicy: an egress rule allows all addresses or all ports');
      for (const { ipBlock } of peers) expect(!reachesMetadata(ipBlock), 'NetworkPolicy: allows 169.254.169.254');
    }
  }
}

/** Returns true if an `ipBlock` contains the address of the metadata service of cloud providers. */
function reachesMetadata(ipBlock) {
  const contains = (cidr) => {
    const [network, prefix] = cidr.split('/');
    const list = new BlockList();
    list.addSubnet(network, Number(prefix), network.includes(':') ? 'ipv6' : 'ipv4');
    return list.check('169.254.169.254') || list.check('fd00:ec2::254', 'ipv6');
  };
  return ipBlock !== undefined && contains(ipBlock.cidr) && !ipBlock.except?.some(contains);
}

for (const line of problems) process.stderr.write(`${line}\n`);
if (problems.length > 0) process.exitCode = 1;
else process.stdout.write(`${manifests.map(({ content }) => content.kind).join(', ')}: valid\n`);
