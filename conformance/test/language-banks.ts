/**
 * Banks in four languages, each with the SDK of its language, its own table and its own process (TypeScript's runs here).
 *
 * All serve the same paths: /open, /balance, the branch operations, and /begin-saga and /begin-tcc, which begin a
 * transaction over banks of any language.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../scripts/processes/free-port.mjs';
import { goNeeded, hasGo } from '../../scripts/languages/go.mjs';
import { hasPython, pythonNeeded, pythonWith } from '../../scripts/languages/python.mjs';
import { goPrograms } from './go-programs.js';
import type { ServerProcess } from './servers.js';
import { openTypeScriptBank } from './typescript-bank.js';

const run = promisify(execFile);
const programs = fileURLToPath(new URL('../programs', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/conformance', import.meta.url));
const startLimitMs = 60_000;

export interface LanguageBank {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface Language {
  readonly name: string;
  /** What it takes, for a person. */
  readonly needs: string;
  readonly isHere: boolean;
  /** What its barrier keeps apart: Java's knows that a cancel undoes a try, and nothing of compensations. */
  readonly undoes: readonly ('saga' | 'tcc')[];
  readonly begins: readonly ('saga' | 'tcc')[];
  readonly open: (coordinator: ServerProcess) => Promise<LanguageBank>;
}

const postgres = process.env['TANDEM_TEST_POSTGRES_URL'] ?? '';
const mariadb = process.env['TANDEM_TEST_MARIADB_URL'] ?? '';

export const languages: readonly Language[] = [
  {
    name: 'Go',
    needs: `${goNeeded} and PostgreSQL`,
    isHere: hasGo() && postgres !== '',
    undoes: ['saga', 'tcc'],
    begins: ['saga', 'tcc'],
    open: async ({ http, grpc }) => {
      const program = await goPrograms();
      const dtm = ['-http', `${http}/api/dtmsvr`, '-grpc', grpc, '-postgres', postgres];
      return startBank(program, (port) => ['-role', 'bank', '-listen', `127.0.0.1:${port}`, ...dtm]);
    },
  },
  {
    name: 'Python',
    needs: `${pythonNeeded} and MariaDB`,
    isHere: hasPython() && mariadb !== '',
    undoes: ['saga', 'tcc'],
    begins: ['saga', 'tcc'],
    open: async ({ http }) => {
      const python = await pythonWith(join(programs, 'python', 'requirements.txt'));
      const bank = join(programs, 'python', 'bank.py');
      return startBank(python, (port) => [bank, String(port), mariadb, `${http}/api/dtmsvr`]);
    },
  },
  {
    name: 'Java',
    needs: 'Java 17, Maven and MariaDB',
    isHere: answers('java', '-version') && answers('mvn', '--version') && mariadb !== '',
    undoes: ['tcc'],
    begins: ['saga', 'tcc'],
    open: async ({ http }) => {
      const classPath = await javaClassPath();
      return startBank('java', (port) => ['-cp', classPath, 'Bank', String(port), mariadb, new URL(http).host]);
    },
  },
  {
    name: 'TypeScript',
    needs: 'nothing more',
    isHere: true,
    undoes: ['saga', 'tcc'],
    begins: ['saga'],
    open: ({ http }) => openTypeScriptBank(http),
  },
];

function answers(program: string, flag: string): boolean {
  try {
    execFileSync(program, [flag], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Compiles where a source is newer than what was compiled last. */
async function javaClassPath(): Promise<string> {
  const folder = join(cache, 'java');
  mkdirSync(folder, { recursive: true });
  const list = join(folder, 'class-path.txt');
  const stamp = join(folder, 'sources.txt');
  const sources = ['pom.xml', 'src/main/java/Bank.java'].map((file) => join(programs, 'java', file));
  const wanted = sources.map((file) => readFileSync(file, 'utf8')).join('');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    const goals = ['compile', 'dependency:build-classpath', `-Dmdep.outputFile=${list}`, `-DoutputFolder=${folder}`];
    await run('mvn', ['--quiet', '--batch-mode', ...goals], { cwd: join(programs, 'java') });
    writeFileSync(stamp, wanted);
  }
  return `${join(folder, 'classes')}:${readFileSync(list, 'utf8').trim()}`;
}

async function startBank(command: string, args: (port: number) => readonly string[]): Promise<LanguageBank> {
  const port = await freePort();
  const child = spawn(command, args(port), { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-4_000)));
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  const endsAt = performance.now() + startLimitMs;
  while ((await fetch(`${url}/hello`).catch(() => undefined)) === undefined) {
    if (child.exitCode !== null || performance.now() > endsAt) {
      await stop();
      throw new Error(`${command} did not start: ${errors}`);
    }
    await delay(50);
  }
  return { url, stop };
}
