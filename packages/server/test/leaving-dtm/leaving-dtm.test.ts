/**
 * A DTM server is killed in the middle of everything; its database is copied; Tandem goes on. calls-of-dtm.json is what the
 * DTM server itself called when it was started again on that database and every participant answered "done".
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqliteStore } from '@tandem/store-sql/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDtmTables, type DtmTables } from '../../src/main/open-store.js';
import { copyStore } from '../../src/moving/copy-store.js';
import type { CopyReport } from '../../src/moving/copy-report.js';
import { DtmSource } from '../../src/moving/dtm/dtm-source.js';
import { BranchService } from '../branch-service.js';
import { GrpcBranchService } from '../grpc-branch-service.js';
import { TestServer } from '../test-server.js';
import { mysqlDtm, postgresDtm, type DtmDatabase } from './dtm-database.js';

interface Called {
  readonly gid: string;
  readonly branch: string;
  readonly op: string;
  readonly type: string;
  readonly by: string;
  readonly own: string;
  readonly body: string;
}

const callsOfDtm = JSON.parse(readFileSync(new URL('calls-of-dtm.json', import.meta.url), 'utf8')) as readonly Called[];
/** Those that DTM did not bring to an end either: their time has not come, or their caller decides. */
const waiting = [
  ...['msg-back-check', 'msg-delayed', 'tcc-prepared', 'xa-prepared', 'grpc-msg-prepared'],
  ...['wf-prepared', 'wf-empty', 'grpc-wf'],
];
const engines = [
  ['MySQL', process.env['TANDEM_TEST_MARIADB_URL'] ?? '', 'TANDEM_TEST_MARIADB_URL', mysqlDtm],
  ['PostgreSQL', process.env['TANDEM_TEST_POSTGRES_URL'] ?? '', 'TANDEM_TEST_POSTGRES_URL', postgresDtm],
] as const;

describe.each(engines)('leaving DTM on %s', (_, server, variable, openDtm) => {
  const title = server === '' ? ` (needs ${variable})` : '';
  let folder: string;
  let branch: BranchService;
  let grpc: GrpcBranchService;
  let dtm: DtmDatabase;
  let tandem: TestServer | undefined;

  beforeEach(async () => {
    if (server === '') return;
    folder = mkdtempSync(join(tmpdir(), 'tandem-dtm-'));
    branch = await BranchService.open();
    branch.on('/j2/a/err', ({ body }, response) => {
      const { id } = JSON.parse(body) as { readonly id: unknown };
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result: {} }));
    });
    grpc = await GrpcBranchService.open();
    dtm = await openDtm(server, { http: branch.url, grpc: grpc.address });
  });

  afterEach(async () => {
    if (server === '') return;
    await tandem?.close();
    await branch.close();
    grpc.close();
    await dtm.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** `betweenLooks`: what happens while the copy waits whether anything changes. */
  async function copy(betweenLooks: () => Promise<void> = () => Promise.resolve()): Promise<CopyReport> {
    const tables = await openDtmTables(dtm.url.slice('dtm+'.length));
    const target = await openSqliteStore({ folder });
    try {
      const watched: DtmTables = {
        ...tables,
        async pulse() {
          const pulse = await tables.pulse();
          await betweenLooks();
          return pulse;
        },
      };
      return await copyStore({
        source: new DtmSource('dtm', watched, 20),
        target,
        targetShown: 'target',
        isFinishedOnly: false,
        progress: () => undefined,
      });
    } finally {
      await tables.close();
      await target.close();
    }
  }

  test.skipIf(server === '')(`what DTM began ends as DTM would have ended it${title}`, async () => {
    expect(await copy()).toMatchObject({
      finished: { found: 12, written: 12 },
      unfinished: { found: 31, written: 31 },
      keyValues: 2,
      verified: 43,
      problems: [],
    });
    tandem = await TestServer.start({ dataFolder: folder, requestTimeoutMs: 60_000 });
    await settled(tandem);
    // The services of workflows are called again and again, there and here: they never say that they have ended.
    const expected = [...new Set(callsOfDtm.map(textOf))].sort();
    await expect.poll(() => callsButRepeatedResumes(branch, grpc)).toEqual(expected);
    expect(await statuses(tandem)).toEqual(expectedStatuses());
  });

  test.skipIf(server === '')(`callers go on where they were${title}`, async () => {
    await copy();
    tandem = await TestServer.start({ dataFolder: folder });

    // A message that was prepared at DTM is submitted here, with the same steps, as SDKs send them again.
    const steps = [{ action: `${branch.url}/m1/a/ok` }];
    const payloads = ['{"amount":30,"note":"Grüße 😀"}'];
    const message = { gid: 'msg-back-check', trans_type: 'msg', steps, payloads, wait_result: true };
    expect((await tandem.post('submit', message)).status).toBe(200);
    expect(branch.callsOf('/m1/a/ok').map(({ query }) => query['gid'])).toContain('msg-back-check');

    const tcc = { gid: 'tcc-prepared', trans_type: 'tcc', wait_result: true };
    expect((await tandem.post('submit', tcc)).status).toBe(200);
    const confirmed = branch.calls.filter(({ query }) => query['gid'] === 'tcc-prepared');
    expect(confirmed.map(({ query, body }) => [query['branch_id'], query['op'], body])).toEqual([
      ['02', 'confirm', '{"b":2}'],
      ['01', 'confirm', '{"b":1}'],
    ]);

    expect((await tandem.post('abort', { gid: 'xa-prepared', trans_type: 'xa', wait_result: true })).status).toBe(200);
    const rolledBack = branch.calls.filter(({ query }) => query['gid'] === 'xa-prepared');
    expect(rolledBack.map(({ query }) => query['op'])).toEqual(['rollback', 'rollback']);

    const workflow = {
      gid: 'wf-prepared',
      trans_type: 'workflow',
      query_prepared: `${branch.url}/wf/resume/err`,
      custom_data: '{"name":"transfer","data":"eyJhbW91bnQiOjMwfQ=="}',
    };
    const { json } = await tandem.post('prepareWorkflow', workflow);
    expect(json['progresses']).toEqual([
      { branch_id: '01', op: 'action', status: 'succeed', bin_data: Buffer.from('{"balance":70}').toString('base64') },
      { branch_id: '02', op: 'action', status: 'failed', bin_data: Buffer.from('no money').toString('base64') },
      { branch_id: '01', op: 'rollback', status: 'succeed', bin_data: '' },
    ]);
    const verdict = { status: 'failed', rollback_reason: 'no money' };
    expect((await tandem.post('submit', { ...workflow, req_extra: verdict })).status).toBe(200);

    // What DTM had finished is known: a repeat is answered with the outcome and calls nobody, other content is a conflict.
    const asked = {
      gid: 'saga-succeed',
      trans_type: 'saga',
      wait_result: true,
      steps: [1, 2].map((step) => ({
        action: `${branch.url}/s${step}/a/ok`,
        compensate: `${branch.url}/s${step}/c/ok`,
      })),
      payloads: [30, 31].map((amount) => JSON.stringify({ amount, note: 'Grüße 😀' })),
    };
    expect((await tandem.post('submit', asked)).status).toBe(200);
    expect((await tandem.post('submit', { ...asked, payloads: ['{}', '{}'] })).status).toBe(409);
    expect(branch.calls.filter(({ query }) => query['gid'] === 'saga-succeed')).toEqual([]);

    const topics = await tandem.get('queryKV?cat=topics&key=t1');
    expect(JSON.stringify(topics.json)).toContain('/topic2/a/err');
  });

  test.skipIf(server === '')(
    `tables of an older DTM, without topics and some columns, are read too${title}`,
    async () => {
      await dtm.age();
      expect(await copy()).toMatchObject({
        finished: { written: 12 },
        unfinished: { written: 31 },
        keyValues: 0,
        problems: [],
      });
    },
  );

  test.skipIf(server === '')(`a DTM server that is still at work is noticed${title}`, async () => {
    const copied = copy(() => dtm.touch());
    await expect(copied).rejects.toThrow('dtm has changed while it was looked at: stop every DTM server');
  });
});

function calls(branch: BranchService, grpc: GrpcBranchService): string[] {
  const byHttp = branch.calls.map(({ method, path, query, headers, body }): Called => {
    const own = String(headers['x-own'] ?? '');
    if (query['method'] !== undefined) {
      const { params } = JSON.parse(body) as { readonly params: Record<string, unknown> };
      const { gid, branch_id: id, op, trans_type: type, ...rest } = params;
      const by = `json-rpc ${query['method']} ${path}`;
      return {
        gid: String(gid),
        branch: String(id),
        op: String(op),
        type: String(type),
        by,
        own,
        body: JSON.stringify(rest),
      };
    }
    const { gid = '', branch_id: id = '', op = '', trans_type: type = '' } = query;
    return { gid, branch: id, op, type, by: `${method} ${path}`, own, body };
  });
  const byGrpc = grpc.calls.map(({ method, metadata, payload }): Called => {
    const of = (name: string) => String(metadata.get(name)[0] ?? '');
    const [gid, id, op, type] = ['dtm-gid', 'dtm-branch_id', 'dtm-op', 'dtm-trans_type'].map(of);
    const by = `grpc ${method}`;
    return {
      gid: gid ?? '',
      branch: id ?? '',
      op: op ?? '',
      type: type ?? '',
      by,
      own: of('x-own'),
      body: payload.toString('hex'),
    };
  });
  return [...byHttp, ...byGrpc].map(textOf);
}

function callsButRepeatedResumes(branch: BranchService, grpc: GrpcBranchService): string[] {
  const ofWorkflows = (text: string): boolean => (JSON.parse(text) as readonly string[])[3] === 'workflow';
  const all = calls(branch, grpc);
  const resumes = new Set(all.filter(ofWorkflows));
  return [...all.filter((call) => !ofWorkflows(call)), ...resumes].sort();
}

function textOf({ gid, branch, op, type, by, own, body }: Called): string {
  return JSON.stringify([gid, branch, op, type, by, own, body]);
}

async function statuses(tandem: TestServer): Promise<Record<string, string>> {
  const { json } = await tandem.get('all?limit=100');
  const list = json['transactions'] as readonly { readonly gid: string; readonly status: string }[];
  return Object.fromEntries(list.map(({ gid, status }) => [gid, status]));
}

/** Resolves when everything has ended that can end by itself, and the services of workflows have been called. */
async function settled(tandem: TestServer): Promise<void> {
  const giveUpAt = Date.now() + 20_000;
  for (;;) {
    const open = Object.entries(await statuses(tandem)).filter(([, status]) => !['succeed', 'failed'].includes(status));
    const left = open.filter(([gid]) => !waiting.includes(gid));
    if (left.length === 0) return;
    if (Date.now() > giveUpAt) throw new Error(`these have not ended: ${JSON.stringify(left)}`);
    await sleep(20);
  }
}

/** What the DTM server had made of them when it was started again. */
function expectedStatuses(): Record<string, string> {
  const failed = [
    'saga-failed',
    'saga-aborting',
    'saga-concurrent-aborting',
    'saga-limit',
    'saga-forced',
    'msg-aborted',
  ];
  failed.push('tcc-aborting', 'tcc-failed', 'xa-aborting', 'xa-failed', 'wf-failed');
  const rows = JSON.parse(readFileSync(new URL('rows.json', import.meta.url), 'utf8')) as {
    readonly trans_global: readonly { readonly gid: string; readonly status: string }[];
  };
  return Object.fromEntries(
    rows.trans_global.map(({ gid, status }) => {
      if (waiting.includes(gid)) return [gid, status];
      return [gid, failed.includes(gid) ? 'failed' : 'succeed'];
    }),
  );
}
