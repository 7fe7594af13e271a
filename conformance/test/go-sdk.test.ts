/** Programs written with DTM's Go SDK, against Tandem. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goNeeded, hasGo } from '../../scripts/languages/go.mjs';
import { goPrograms, runGoPrograms, type Outcome } from './go-programs.js';
import { startTandem, type ServerProcess } from './servers.js';

const postgres = process.env['TANDEM_TEST_POSTGRES_URL'] ?? '';
const mariadb = process.env['TANDEM_TEST_MARIADB_URL'] ?? '';
const redis = process.env['TANDEM_TEST_REDIS_URL'] ?? '';
const engines = [
  { name: 'mariadb', url: mariadb, isSql: true },
  { name: 'postgres', url: postgres, isSql: true },
  { name: 'redis', url: redis, isSql: false },
] as const;

const everywhere = [
  'saga/succeeds',
  'saga/rolls-back',
  'saga/concurrent',
  'tcc/confirms-nested',
  'tcc/cancels-nested',
  'msg/do-and-submit',
  'msg/local-failure',
  'msg/sender-lost-after-commit',
  'msg/sender-lost-before-commit',
  'msg/topic',
];
/** What needs transactions that are prepared. */
const onSql = ['xa/commits', 'xa/rolls-back', 'workflow/mixed', 'workflow/rolls-back', 'workflow/crash-and-resume'];

/** `saga/succeeds/http/mariadb`, as the programs name their scenarios. */
function scenariosOn({ name, isSql }: { readonly name: string; readonly isSql: boolean }): readonly string[] {
  const overBoth = (isSql ? [...everywhere, ...onSql] : everywhere).flatMap((one) => [
    `${one}/http/${name}`,
    `${one}/grpc/${name}`,
  ]);
  return [...overBoth, `barrier/twice/${name}`, `barrier/late/${name}`];
}

describe.skipIf(!hasGo())(`DTM's Go SDK (needs ${goNeeded})`, () => {
  let server: ServerProcess | undefined;
  let outcomes: readonly Outcome[] = [];

  beforeAll(async () => {
    await goPrograms();
    server = await startTandem();
    const { http, grpc } = server;
    outcomes = await runGoPrograms({ http: `${http}/api/dtmsvr`, grpc, postgres, mariadb, redis });
  }, 600_000);
  afterAll(() => server?.stop());

  for (const engine of engines) {
    test.skipIf(engine.url === '').each(scenariosOn(engine))('%s', (name) => {
      expect(outcomes.find((outcome) => outcome.name === name)).toMatchObject({ error: '' });
    });
  }

  test('no scenario goes unlooked at', () => {
    const known = engines.flatMap(scenariosOn);
    expect(outcomes.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  });
});
