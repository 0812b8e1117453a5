// Proves that the checks of .ci/run can fail: each check gets a broken file and must report the problem.
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
  // Without PATH there is no docker, so every machine uses the check's own rules.
  const env = { ...process.env, PATH: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, script), path], { env });
  return { status, output: String(stdout) + String(stderr) };
}

const checkLock = (packages) => run('check-lock.mjs', 'package-lock.json', { packages });
const checkCompose = (content) => run('check-compose.mjs', 'docker-compose.yml', content);
const countTests = (report) => run('count-tests.mjs', 'report.json', report);

describe('check-lock', () => {
  const needsTool = { version: '1.0.0', optionalDependencies: { 'tool-linux': '1.0.0' } };

  it('finds an optional dependency in the folder of its package or in a folder above', () => {
    const tool = { version: '1.0.0' };
    assert.equal(checkLock({ '': {}, 'node_modules/tool': needsTool, 'node_modules/tool-linux': tool }).status, 0);
    const nested = 'node_modules/a/node_modules/tool';
    assert.equal(checkLock({ '': {}, [nested]: needsTool, [`${nested}/node_modules/tool-linux`]: tool }).status, 0);
    assert.equal(checkLock({ '': {}, [nested]: needsTool, 'node_modules/a/node_modules/tool-linux': tool }).status, 0);
    assert.equal(checkLock({ '': {}, 'libs/web': needsTool, 'node_modules/tool-linux': tool }).status, 0);
  });

  it('names a missing dependency, and ignores the folder of an unrelated package', () => {
    const sibling = {
      '': {},
      'node_modules/tool': needsTool,
      'node_modules/b/node_modules/tool-linux': { version: '1.0.0' },
    };
    const { status, output } = checkLock(sibling);
    assert.equal(status, 1);
    assert.match(output, /node_modules\/tool needs tool-linux@1\.0\.0/);
  });
});

/** Changes of docker-compose.yml that the check must refuse: what is wrong, the text before and after, the report. */
const composeProblems = [
  ['broken YAML', 'services:', 'services: [', /docker-compose/],
  ['a key twice', 'name: usher', 'name: usher\nname: other', /unique/],
  ['an unknown key', 'init: true', 'initt: true', /additional properties \["initt"\]/],
  ['a value of the wrong type', 'memory: 512M', 'memory: 512', /memory must be string/],
  ['a missing service', 'redis:\n      condition', 'rediss:\n      condition', /rediss, which is not a service/],
  ['an undeclared volume', '- postgres:/var', '- elsewhere:/var', /elsewhere is not declared/],
  ['a missing file', './deploy/nginx/site.conf', './deploy/nginx/other.conf', /there is no .*other.conf/],
  ['an undeclared network', '[back]', '[outside]', /outside is not declared/],
  ['a broken interpolation', '${LOG_LEVEL:-info}', '${LOG_LEVEL:-info', /not a valid interpolation/],
  ['a broken port', ":8080'", ":web'", /is not "host:container"/],
  ['a node that nginx does not list', '172.31.77.12', '172.31.77.14', /nodes.conf has .*77\.12.* not .*77\.14/],
  ['a writable file system', 'read_only: true', 'read_only: false', /redis: read_only must be true/],
  ['capabilities', 'cap_drop: [ALL]', 'cap_drop: [CHOWN]', /usher-1: cap_drop must contain ALL/],
  ['an added capability', 'user: nginx', 'user: nginx\n    cap_add: [CHOWN]', /nginx: cap_add must be empty/],
  [
    'a gain of privileges',
    "'no-new-privileges:true'",
    "'label:disable'",
    /postgres: no-new-privileges:true is missing/,
  ],
  ['a privileged container', 'user: nginx', 'user: nginx\n    privileged: true', /nginx: must not be privileged/],
  ['the user root', 'user: postgres', 'user: root', /postgres: must not run as root/],
  ['the default user of an image', '    user: redis\n', '', /redis: must not run as root/],
  ['a service without the restrictions', '  redis:\n    <<: *locked', '  redis:', /redis: cap_drop must contain ALL/],
  ['a default password', '${POSTGRES_PASSWORD:?', '${POSTGRES_PASSWORD:-', /POSTGRES_PASSWORD must be required/],
  ['a Redis without a password', 'requirepass', 'maxclients', /redis: requirepass is missing/],
  ['a URL without the password', '//:${REDIS_PASSWORD:?', '//:${NO_PASSWORD:?', /usher-1: REDIS_URL has no password/],
  [
    'a password on a command line',
    'redis-server -',
    'redis-server --requirepass $$REDIS_PASSWORD',
    /redis: the command line contains a secret/,
  ],
  ['a proxy that reaches the database', '[front]', '[front, back]', /nginx can reach postgres over back/],
  ['a database with a way out', 'internal: true', 'internal: false', /redis: must have only internal networks/],
];

describe('check-compose', () => {
  copyFileSync(join(root, 'Dockerfile'), join(folder, 'Dockerfile'));
  cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true });
  const composeFile = readFileSync(join(root, 'docker-compose.yml'), 'utf8');

  it('accepts the current file', () => {
    const { status, output } = checkCompose(composeFile);
    assert.equal(status, 0, output);
  });

  for (const [problem, from, to, expected] of composeProblems) {
    it(`refuses ${problem}`, () => {
      assert.ok(composeFile.includes(from));
      const { status, output } = checkCompose(composeFile.replace(from, () => to));
      assert.equal(status, 1);
      assert.match(output, expected);
    });
  }
});

/** Changes of the manifests that the check must refuse: what is wrong, the file, the text before and after, the report. */
const manifestProblems = [
  ['a key twice', 'usher.yaml', 'minReadySeconds: 10', 'minReadySeconds: 1\n  minReadySeconds: 10', /unique/],
  ['a value of the wrong type', 'usher.yaml', 'maxSurge: 1', 'maxSurge: true', /maxSurge must be/],
  ['an unknown key', 'usher.yaml', 'periodSeconds: 2', 'everySeconds: 2', /Deployment usher: .*everySeconds/],
  ['a Service without pods', 'usher.yaml', '  selector:\n    app', '  selector:\n    the-app', /selects no pods/],
  [
    'an autoscaler without a Deployment',
    'usher.yaml',
    '    name: usher\n  minReplicas',
    '    name: other\n  minReplicas',
    /no Dep/,
  ],
  ['a missing port', 'ingress.yaml', 'name: http', 'name: https', /no Service usher with port https/],
  [
    'a hash that differs from the one in nginx.conf',
    'ingress.yaml',
    'default $remote_addr',
    'default $request_id',
    /the maps differ/,
  ],
  ['a token', 'usher.yaml', 'automountServiceAccountToken: false', '', /automountServiceAccountToken must be false/],
  ['the user root', 'usher.yaml', 'runAsNonRoot: true', 'runAsNonRoot: false', /migrate: runAsNonRoot must be true/],
  ['no seccomp', 'usher.yaml', 'type: RuntimeDefault', 'type: Unconfined', /seccompProfile must be RuntimeDefault/],
  ['a writable file system', 'usher.yaml', 'readOnlyRootFilesystem: true', '', /readOnlyRootFilesystem must be true/],
  ['capabilities', 'usher.yaml', 'drop: [ALL]', 'drop: [CHOWN]', /usher: capabilities.drop must contain ALL/],
  ['an added capability', 'usher.yaml', 'drop: [ALL]', 'drop: [ALL]\n              add: [CHOWN]', /add must be empty/],
  ['a gain of privileges', 'usher.yaml', 'allowPrivilegeEscalation: false', '', /allowPrivilegeEscalation must be/],
  ['a container without rules', 'usher.yaml', 'securityContext: *locked', '', /usher: readOnlyRootFilesystem must be/],
  [
    'a secret in the manifest',
    'usher.yaml',
    "- name: DATABASE_POOL_MAX\n              value: '10'",
    '- name: REDIS_URL\n              value: redis://:password@redis',
    /REDIS_URL must come from a Secret/,
  ],
  [
    'a probe of the main port',
    'usher.yaml',
    '/health/live, port: operations',
    '/health/live, port: http',
    /livenessProbe/,
  ],
  ['another operations port', 'usher.yaml', 'containerPort: 9464', 'containerPort: 9465', /OPERATIONS_PORT differs/],
  [
    'a scrape of the main port',
    'usher.yaml',
    "prometheus.io/port: '9464'",
    "prometheus.io/port: '3000'",
    /another port/,
  ],
  ['a Service with metrics', 'usher.yaml', 'targetPort: http', 'targetPort: operations', /must not expose the port/],
  [
    'an open egress',
    'network-policy.yaml',
    '[Ingress, Egress]',
    '[Ingress]',
    /does not restrict the Egress of all pods/,
  ],
  [
    'a policy of other pods',
    'network-policy.yaml',
    'name: usher\n  policyTypes',
    'name: other\n  policyTypes',
    /the Ingress/,
  ],
  [
    'calls from every pod',
    'network-policy.yaml',
    `- from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: monitoring
      ports:`,
    '- ports:',
    /an ingress rule allows all callers/,
  ],
  [
    'calls from addresses',
    'network-policy.yaml',
    'namespaceSelector:\n            matchLabels:\n              kubernetes.io/metadata.name: nginx-ingress',
    'ipBlock:\n            cidr: 0.0.0.0/0',
    /an ingress rule allows addresses/,
  ],
  ['a way to the metadata service', 'network-policy.yaml', ' 169.254.0.0/16,', '', /allows 169.254.169.254/],
  ['a way to the IPv6 metadata service', 'network-policy.yaml', "'fc00::/7', ", '', /allows 169.254.169.254/],
];

describe('check-kubernetes', () => {
  const manifests = join(folder, 'deploy/kubernetes');

  function check(file, from, to) {
    rmSync(join(folder, 'deploy'), { recursive: true, force: true });
    cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true });
    const manifest = readFileSync(join(manifests, file), 'utf8');
    assert.ok(manifest.includes(from));
    writeFileSync(
      join(manifests, file),
      manifest.replace(from, () => to),
    );
    const script = join(import.meta.dirname, 'check-kubernetes.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, manifests]);
    return { status, output: String(stdout) + String(stderr) };
  }

  it('accepts the current manifests', () => {
    const { status, output } = check('usher.yaml', '', '');
    assert.equal(status, 0, output);
  });

  for (const [problem, file, from, to, expected] of manifestProblems) {
    it(`refuses ${problem}`, () => {
      const { status, output } = check(file, from, to);
      assert.equal(status, 1);
      assert.match(output, expected);
    });
  }
});

/** Returns the output of count-tests.mjs for a report with these numbers. */
const printCounts = (numPassedTests, numFailedTests, numRuntimeErrorTestSuites) =>
  countTests({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults: [] }).output.split('\n')[0];

describe('count-tests', () => {
  it('counts as one failure a file that cannot be loaded, and a run without tests', () => {
    assert.equal(printCounts(12, 0, 0), '12 0');
    assert.equal(printCounts(12, 2, 1), '12 3');
    assert.equal(printCounts(0, 0, 0), '0 1');
  });

  it('counts and names each test that passed only when it was repeated', () => {
    const test = (fullName, status, invocations) => ({ fullName, status, invocations });
    const assertionResults = [test('a', 'passed', 1), test('b', 'passed', 2), test('c', 'failed', 2)];
    const report = { numPassedTests: 2, numFailedTests: 1, numRuntimeErrorTestSuites: 0 };
    const { output } = countTests({ ...report, testResults: [{ name: 'hold.test.ts', assertionResults }] });
    assert.equal(output, '2 1\nflaky: 1\n  hold.test.ts: b\n');
  });

  it('fails if the report is empty', () => assert.notEqual(countTests('').status, 0));
});
