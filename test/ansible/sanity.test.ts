import { describe, expect, jest, test } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cachePath, whyNot } from '../setup/cache.mjs';
import { describeUnless } from '../support/where.ts';
import { RELEASES, type Release, findPython, programsOf } from './releases.ts';

jest.setTimeout(20 * 60_000); // the first run makes a Python environment for each kind of test

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('../../ansible', import.meta.url));

/** Every Python that a release looks at the code with, of hosts and of controllers. */
const PYTHONS = {
  '2.16': ['2.7', '3.6', '3.7', '3.8', '3.9', '3.10', '3.11', '3.12'],
  '2.19': ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13'],
} as const;

/** The releases of pip that ansible-test would fetch a bootstrap script for. */
const PIPS = ['23_1_2', '24_2'];
const GET_PIP = `import subprocess, sys
subprocess.check_call([sys.executable, '-m', 'ensurepip', '--default-pip'])
wanted = [word for word in sys.argv[1:] if word not in ('--no-setuptools', '--no-wheel')]
sys.exit(subprocess.call([sys.executable, '-m', 'pip', 'install'] + wanted))
`;

const whyNoSanity = (release: Release) => whyNot(`venv-ansible-${release}`);
const whyNoPython = (version: string) => (findPython(version) === null ? `there is no Python ${version}` : null);
/** A Python without `venv` needs virtualenv to import the code in an environment of its own. */
const whyNoImport = (version: string) =>
  version === '2.7' && spawnSync(findPython(version) ?? '', ['-m', 'virtualenv', '--version']).status !== 0
    ? 'there is no virtualenv for Python 2.7'
    : null;

const reports = new Map<Release, Promise<string>>();
/** What `ansible-test sanity` says of the collection; all releases are asked at once. */
function reportOf(release: Release): Promise<string> {
  if (reports.size === 0) {
    for (const each of RELEASES) if (whyNoSanity(each) === null) reports.set(each, testSanity(each));
  }
  return reports.get(release)!;
}

async function testSanity(release: Release): Promise<string> {
  const home = cachePath('ansible-test', release);
  const pythons = cachePath('ansible-test', 'pythons');
  await mkdir(join(home, '.ansible/test/cache'), { recursive: true });
  await mkdir(pythons, { recursive: true });
  for (const pip of PIPS) await writeFile(join(home, `.ansible/test/cache/get_pip_${pip}.py`), GET_PIP);
  for (const version of PYTHONS[release]) {
    const [python, link] = [findPython(version), join(pythons, `python${version}`)];
    if (python !== null) await symlink(python, link).catch(throwUnlessThere);
  }
  const work = await mkdtemp(join(tmpdir(), 'bellwether-sanity-'));
  try {
    const tree = join(work, 'ansible_collections/bellwether/boot');
    await cp(SOURCE, tree, { recursive: true, filter: (path) => basename(path) !== '__pycache__' });
    const env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
      HOME: home,
      LC_ALL: 'C.UTF-8',
      PATH: [pythons, programsOf(release), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    };
    await run('git', ['init', '--quiet', tree], { env });
    await run('git', ['-C', tree, 'add', '--all'], { env });
    const options = { cwd: tree, env, timeout: 15 * 60_000, maxBuffer: 1 << 26 };
    const { stdout, stderr } = await run('ansible-test', ['sanity', '--color', 'no'], options);
    return stdout + stderr;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function throwUnlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

describe.each(RELEASES)('ansible-test sanity of ansible-core %s', (release) => {
  describeUnless(whyNoSanity(release), 'finds nothing to ignore', () => {
    test('in the collection', async () => {
      const report = await reportOf(release);
      expect(report).toContain('Running sanity test "validate-modules"');
      expect(report).not.toMatch(/^ERROR/m);
      await expect(run('find', [SOURCE, '-name', 'ignore-*'])).resolves.toMatchObject({ stdout: '' });
    });
  });

  describe.each(PYTHONS[release])('on Python %s', (version) => {
    describeUnless(whyNoSanity(release) ?? whyNoPython(version), 'the code', () => {
      test('compiles', async () => {
        expect(await reportOf(release)).toContain(`Running sanity test "compile" on Python ${version}`);
      });
    });
    describeUnless(whyNoSanity(release) ?? whyNoPython(version) ?? whyNoImport(version), 'the code', () => {
      test('is imported', async () => {
        expect(await reportOf(release)).toContain(`Running sanity test "import" on Python ${version}`);
      });
    });
  });
});
