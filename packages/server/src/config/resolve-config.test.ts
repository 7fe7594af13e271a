import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from './config-error.js';
import { coordinatorPolicy } from './coordinator-policy.js';
import { configOf, resolveConfig } from './resolve-config.js';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'tandem-config-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, 'conf.yml');
  writeFileSync(path, content);
  return path;
}

function problemsOf(args: readonly string[], environment: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    resolveConfig(args, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('precedence', () => {
  test('where nobody says anything the defaults hold', () => {
    const { config, notices } = resolveConfig([], {});
    expect(config).toEqual(configOf({}));
    expect(config).toMatchObject({ host: '127.0.0.1', httpPort: 36_789, storeDriver: undefined, dataFolder: './data' });
    expect(notices).toEqual([]);
  });

  test('a flag wins over the environment, and the environment over the file', () => {
    const path = file('HttpPort: 1\nRetryInterval: 11\nStore:\n  Folder: /from/file\n');
    const environment = { HTTP_PORT: '2', RETRY_INTERVAL: '12', TANDEM_CONFIG: path };
    const { config } = resolveConfig(['--http-port', '3'], environment);
    expect(config).toMatchObject({ httpPort: 3, retryIntervalMs: 12_000, dataFolder: '/from/file' });
  });

  test('--config wins over TANDEM_CONFIG', () => {
    const { config } = resolveConfig(['-c', file('HttpPort: 7')], { TANDEM_CONFIG: '/nowhere.yml' });
    expect(config.httpPort).toBe(7);
  });

  test('an empty variable says nothing', () => {
    expect(resolveConfig([], { HTTP_PORT: '', TANDEM_CONFIG: '' }).config.httpPort).toBe(36_789);
  });
});

describe("DTM's names", () => {
  test("DTM's sample file works as it is", () => {
    const path = file(`
Store:
  Driver: 'boltdb'
  Host: 'localhost'
  Password: 'hunter2'
  Port: '5432'
MicroService:
  Driver: 'dtm-driver-gozero'
TransCronInterval: 2
TimeoutToFail: 35
RetryInterval: 10
RequestTimeout: 3
LogLevel: 'info'
Log:
  Outputs: 'stderr'
HttpPort: 36789
GrpcPort: 36790
ConfigUpdateInterval: 10
AlertRetryLimit: 3
AlertWebHook: 'http://localhost:8080/dtm-hook'
`);
    const { config, notices } = resolveConfig(['--config', path], {});
    expect(config).toMatchObject({ storeDriver: 'sqlite', claimIntervalMs: 2_000, timeoutToFailMs: 35_000 });
    expect(config).toMatchObject({ httpPort: 36_789, grpcPort: 36_790 });
    expect(notices).toContainEqual(expect.stringMatching(/^ConfigUpdateInterval in .* is accepted and does nothing: /));
    expect(notices.join()).not.toContain('hunter2');
  });

  test.each([
    [{ TANDEM_GRPC_TLS_KEY: 'a' }, 'Grpc.TlsCertificate and Grpc.TlsKey must be given together'],
    [{ TANDEM_GRPC_TLS_CLIENT_AUTHORITY: 'a' }, 'Grpc.TlsClientAuthority needs Grpc.TlsCertificate and Grpc.TlsKey'],
    [
      { TANDEM_GRPC_BRANCH_TLS_CERTIFICATE: 'a' },
      'GrpcBranch.TlsCertificate and GrpcBranch.TlsKey must be given together',
    ],
  ])('half a pair of certificates is refused: %j', (environment, problem) => {
    expect(() => resolveConfig([], environment)).toThrow(problem);
  });

  test('every value of the environment is read', () => {
    const { config, notices } = resolveConfig([], {
      HTTP_PORT: '0',
      GRPC_PORT: '0',
      STORE_DRIVER: 'boltdb',
      RETRY_INTERVAL: '20',
      TIMEOUT_TO_FAIL: '40',
      REQUEST_TIMEOUT: '5',
      TRANS_CRON_INTERVAL: '1',
      LOG_LEVEL: 'warn',
      TANDEM_DATA: '/srv/tandem',
    });
    expect(config).toMatchObject({
      httpPort: 0,
      grpcPort: 0,
      retryIntervalMs: 20_000,
      timeoutToFailMs: 40_000,
      logLevel: 'warn',
    });
    expect(config).toMatchObject({ requestTimeoutMs: 5_000, claimIntervalMs: 1_000, dataFolder: '/srv/tandem' });
    expect(notices).toEqual([]);
  });
});

describe('what is wrong is told with its source', () => {
  test.each([
    [['--http-port', 'abc'], {}, 'flag --http-port must be a whole number from 0 to 65535, not "abc"'],
    [['--http-port', '65536'], {}, 'flag --http-port must be a whole number from 0 to 65535, not "65536"'],
    [['--http-port'], {}, '--http-port needs a value'],
    [['--http-prt', '1'], {}, 'unknown flag --http-prt (did you mean --http-port?)'],
    [['--port', '1'], {}, 'unknown flag --port (did you mean --http-port?)'],
    [['--data', ''], {}, 'flag --data must be a text that is not empty, not ""'],
    [['--data= '], {}, 'flag --data must be a text that is not empty, not " "'],
    [['--host', ''], {}, 'flag --host must be a text that is not empty, not ""'],
    [['--config', ''], {}, '--config must name a file'],
    [['extra'], {}, 'unexpected argument "extra"'],
    [
      [],
      { RETRY_INTERVAL: '-1' },
      'environment RETRY_INTERVAL must be a number of seconds from 0.01 to 86400, not "-1"',
    ],
    [[], { LOG_LEVEL: 'loud' }, 'environment LOG_LEVEL must be one of debug, info, warn, error, silent, not "loud"'],
    [[], { ALERT_WEB_HOOK: 'hunter2' }, 'environment ALERT_WEB_HOOK must be an http:// or https:// URL'],
    [['--lease', '2', '--lease-skew', '1'], {}, 'LeaseSkew must be less than half of Lease'],
  ])('%j %j', (args, environment, problem) => {
    expect(problemsOf(args, environment as Record<string, string>)).toEqual([problem]);
  });

  test('all at once', () => {
    expect(problemsOf(['--http-port', 'x'], { RETRY_INTERVAL: 'y' })).toHaveLength(2);
  });

  test('an unknown name in the file, with what was probably meant', () => {
    const path = file('HttpPrt: 1\nStore:\n  Drver: sqlite\n');
    expect(problemsOf(['-c', path])).toEqual([
      `unknown setting HttpPrt in ${path} (did you mean HttpPort?)`,
      `unknown setting Store.Drver in ${path} (did you mean Store.Driver?)`,
    ]);
  });

  test.each([
    ['Store: sqlite', 'Store of'],
    ['- a list', 'the content of'],
    ['HttpPort: [1]', 'HttpPort in'],
    ['HttpPort: {', 'configuration file'],
    ["Store: { Folder: '' }", 'Store.Folder in'],
  ])('a file that says %j', (content, problem) => {
    expect(problemsOf(['-c', file(content)])[0]).toContain(problem);
  });

  test('a file that is not there', () => {
    expect(problemsOf(['-c', '/nowhere/conf.yml'])[0]).toMatch(/^configuration file \/nowhere\/conf.yml: ENOENT/);
  });
});

describe('the policy of each transaction type', () => {
  test('follows the common settings where its own are silent', () => {
    const { types } = coordinatorPolicy(configOf({ retryIntervalMs: 1_000, requestTimeoutMs: 2_000 }));
    expect(types.saga).toMatchObject({ requestTimeoutMs: 2_000, timeoutToFailMs: 0 });
    expect(types.saga.retry.initialMs).toBe(1_000);
    expect(types.msg).toMatchObject({ timeoutToFailMs: 35_000, checkIntervalMs: 1_000 });
  });

  test('has numbers of its own', () => {
    const { config } = resolveConfig(
      [
        '--saga-retry-interval',
        '7',
        '--msg-request-timeout',
        '0.5',
        '--msg-concurrency',
        '3',
        '--msg-check-interval',
        '4',
      ],
      {},
    );
    const { types } = coordinatorPolicy(config);
    expect(types.saga.retry.initialMs).toBe(7_000);
    expect(types.msg).toMatchObject({ requestTimeoutMs: 500, runningMax: 3, checkIntervalMs: 4_000 });
  });

  test('never caps a retry interval below itself', () => {
    const { types } = coordinatorPolicy(configOf({ retryIntervalMs: 600_000 }));
    expect(types.saga.retry.maxMs).toBe(600_000);
  });
});
