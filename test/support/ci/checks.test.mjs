// What .ci/run trusts must be able to say no.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'usher-checks-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const root = join(import.meta.dirname, '../../..');

function run(script, file, content) {
  const path = join(folder, file);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  // Without PATH there is no docker, so the check's own rules speak on every machine.
  const env = { ...process.env, PATH: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, script), path], { env });
  return { status, said: String(stdout) + String(stderr) };
}

const lock = (packages) => run('check-lock.mjs', 'package-lock.json', { packages });
const compose = (content) => run('check-compose.mjs', 'docker-compose.yml', content);
const count = (report) => run('count-tests.mjs', 'report.json', report);

describe('check-lock', () => {
  const wants = { version: '1.0.0', optionalDependencies: { 'tool-linux': '1.0.0' } };

  it('takes an optional dependency from the folder of its package or from any above it', () => {
    const there = { version: '1.0.0' };
    assert.equal(lock({ '': {}, 'node_modules/tool': wants, 'node_modules/tool-linux': there }).status, 0);
    const nested = 'node_modules/a/node_modules/tool';
    assert.equal(lock({ '': {}, [nested]: wants, [`${nested}/node_modules/tool-linux`]: there }).status, 0);
    assert.equal(lock({ '': {}, [nested]: wants, 'node_modules/a/node_modules/tool-linux': there }).status, 0);
    assert.equal(lock({ '': {}, 'libs/web': wants, 'node_modules/tool-linux': there }).status, 0);
  });

  it('names the one that is missing, and does not take a cousin’s', () => {
    const cousin = {
      '': {},
      'node_modules/tool': wants,
      'node_modules/b/node_modules/tool-linux': { version: '1.0.0' },
    };
    const { status, said } = lock(cousin);
    assert.equal(status, 1);
    assert.match(said, /node_modules\/tool wants tool-linux@1\.0\.0/);
  });
});

describe('check-compose', () => {
  copyFileSync(join(root, 'Dockerfile'), join(folder, 'Dockerfile'));
  cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true });
  const ours = readFileSync(join(root, 'docker-compose.yml'), 'utf8');

  it('takes the file as it is', () => {
    const { status, said } = compose(ours);
    assert.equal(status, 0, said);
  });

  for (const [what, from, to, says] of [
    ['broken YAML', 'services:', 'services: [', /docker-compose/],
    ['a key twice', 'name: usher', 'name: usher\nname: other', /unique/],
    ['an unknown key', 'init: true', 'initt: true', /additional properties \["initt"\]/],
    ['a value of another kind', 'memory: 512M', 'memory: 512', /memory must be string/],
    [
      'a service that is not there',
      'redis:\n      condition',
      'rediss:\n      condition',
      /rediss, which is no service/,
    ],
    ['a volume that is not declared', '- postgres:/var', '- elsewhere:/var', /elsewhere is not declared/],
    ['a file that is not there', './deploy/nginx/site.conf', './deploy/nginx/other.conf', /there is no .*other.conf/],
    ['a network that is not declared', '[inside]', '[outside]', /outside is not declared/],
    ['a broken interpolation', '${LOG_LEVEL:-info}', '${LOG_LEVEL:-info', /no interpolation/],
    ['a broken port', ":8080'", ":web'", /is not "host:container"/],
    ['a node that nginx does not know', '172.31.77.12', '172.31.77.14', /nodes.conf has .*77\.12.* not .*77\.14/],
  ]) {
    it(`refuses ${what}`, () => {
      assert.ok(ours.includes(from));
      const { status, said } = compose(ours.replace(from, () => to));
      assert.equal(status, 1);
      assert.match(said, says);
    });
  }
});

describe('check-kubernetes', () => {
  const manifests = join(folder, 'deploy/kubernetes');

  function check(file, from, to) {
    rmSync(join(folder, 'deploy'), { recursive: true, force: true });
    cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true });
    const ours = readFileSync(join(manifests, file), 'utf8');
    assert.ok(ours.includes(from));
    writeFileSync(
      join(manifests, file),
      ours.replace(from, () => to),
    );
    const script = join(import.meta.dirname, 'check-kubernetes.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, manifests]);
    return { status, said: String(stdout) + String(stderr) };
  }

  it('takes the manifests as they are', () => {
    const { status, said } = check('usher.yaml', '', '');
    assert.equal(status, 0, said);
  });

  for (const [what, file, from, to, says] of [
    ['a key twice', 'usher.yaml', 'minReadySeconds: 10', 'minReadySeconds: 1\n  minReadySeconds: 10', /unique/],
    ['a value of another kind', 'usher.yaml', 'maxSurge: 1', 'maxSurge: true', /maxSurge must be/],
    ['an unknown key', 'usher.yaml', 'periodSeconds: 2', 'everySeconds: 2', /Deployment usher: .*everySeconds/],
    ['a Service without pods', 'usher.yaml', '  selector:\n    app', '  selector:\n    the-app', /selects no pods/],
    [
      'an autoscaler of nothing',
      'usher.yaml',
      '    name: usher\n  minReplicas',
      '    name: other\n  minReplicas',
      /no Dep/,
    ],
    ['a port that is not there', 'ingress.yaml', 'name: http', 'name: https', /no Service usher with port https/],
    ['another hash than nginx has', 'ingress.yaml', 'default $remote_addr', 'default $request_id', /not the maps/],
  ]) {
    it(`refuses ${what}`, () => {
      const { status, said } = check(file, from, to);
      assert.equal(status, 1);
      assert.match(said, says);
    });
  }
});

/** What is printed for so many tests that passed, that failed, and files that could not be loaded. */
const counted = (numPassedTests, numFailedTests, numRuntimeErrorTestSuites) =>
  count({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites }).said.trim();

describe('count-tests', () => {
  it('counts a file that could not be loaded, and a run without tests, as one failure', () => {
    assert.equal(counted(12, 0, 0), '12 0');
    assert.equal(counted(12, 2, 1), '12 3');
    assert.equal(counted(0, 0, 0), '0 1');
  });

  it('fails on a report that was never written', () => assert.notEqual(count('').status, 0));
});
