// The syntax of docker-compose.yml: by `docker compose config` where Docker is, else by what of it can be read here.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDocument } from 'yaml';

const file = resolve(process.argv[2] ?? 'docker-compose.yml');
const secrets = { POSTGRES_PASSWORD: 'for-the-check', SESSION_SECRET: 'for-the-check-0123456789abcdefghij' };

if (spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0) {
  const env = { ...process.env, ...secrets };
  process.exit(spawnSync('docker', ['compose', '--file', file, 'config', '--quiet'], { stdio: 'inherit', env }).status);
}

const wrong = [];
const expect = (holds, message) => holds || wrong.push(message);

const parsed = parseDocument(readFileSync(file, 'utf8'), { uniqueKeys: true });
for (const problem of [...parsed.errors, ...parsed.warnings]) wrong.push(problem.message);
const { services = {}, volumes = {}, ...others } = parsed.toJS() ?? {};

const topLevel = ['name', 'networks', 'secrets', 'configs'];
for (const key of Object.keys(others)) expect(topLevel.includes(key) || key.startsWith('x-'), `unknown key ${key}`);
expect(Object.keys(services).length > 0, 'no services');

const known =
  'image build command entrypoint init environment env_file ports expose volumes depends_on healthcheck restart user networks deploy';
for (const [name, service] of Object.entries(services)) {
  for (const key of Object.keys(service)) expect(known.split(' ').includes(key), `${name}: unknown key ${key}`);
  expect(Boolean(service.image) !== Boolean(service.build), `${name}: needs either image or build`);
  for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
    expect(other in services, `${name}: depends on ${other}, which is no service`);
    expect(condition !== 'service_healthy' || services[other]?.healthcheck, `${other}: needs a health check`);
  }
  for (const port of service.ports ?? []) {
    expect(/^(\$\{\w+:-\d+\}|\d+):\d+$/.test(port), `${name}: port ${port} is not "host:container"`);
  }
  for (const volume of service.volumes ?? []) {
    const [source] = String(volume).split(':');
    expect(/^[./]/.test(source) || source in volumes, `${name}: volume ${source} is not declared`);
  }
  for (const [key, value] of Object.entries(service.environment ?? {})) {
    expect(value === null || typeof value !== 'object', `${name}: ${key} is not text`);
  }
  if (service.healthcheck) {
    const [kind, ...command] = service.healthcheck.test ?? [];
    expect(['CMD', 'CMD-SHELL'].includes(kind) && command.length > 0, `${name}: its health check has no command`);
  }
  if (service.build) {
    const dockerfile = resolve(file, '..', service.build.context ?? service.build, 'Dockerfile');
    expect(existsSync(dockerfile), `${name}: there is no ${dockerfile}`);
  }
}

// What `${NAME:?…}` must be given, and no interpolation that Compose would not understand.
const text = readFileSync(file, 'utf8');
for (const [whole] of text.replaceAll(/^\s*#.*$/gm, '').matchAll(/\$(?!\$)(\{[^}\n]*\}?|\w*)/g)) {
  expect(/^\$\{\w+(:?[-?+][^}]*)?\}$/.test(whole), `${whole} is no interpolation`);
}

for (const line of wrong) process.stderr.write(`${file}: ${line}\n`);
if (wrong.length > 0) process.exitCode = 1;
else process.stdout.write(`${Object.keys(services).join(', ')}: well formed (no docker compose here to say more)\n`);
