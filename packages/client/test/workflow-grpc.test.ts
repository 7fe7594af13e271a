/** Steps of a workflow that are called by gRPC, at the README's bank. */
import { createServer } from 'node:http';
import { ServerCredentials, type MethodDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { BranchFailure, createClient, newGid, type RequestHandler } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { createWorkflows, type Workflows } from '@tandem/client/workflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTandem, type RunningTandem } from './coordinator-processes.js';
import { listening, type Served } from './participant.js';
import { balanceOf, type Movement } from './readme/accounts.js';
import type * as Example from './readme/grpc.js';

type Move = MethodDefinition<Movement, { readonly text: string }>;
const { Debit, UndoDebit } = loadSync(new URL('readme/bank.proto', import.meta.url).pathname)[
  'bank.Bank'
] as unknown as {
  readonly Debit: Move;
  readonly UndoDebit: Move;
};

describe('a step by gRPC', () => {
  let running: RunningTandem;
  let example: typeof Example;
  let served: Served;
  let workflows: Workflows;
  let at: string;
  beforeAll(async () => {
    running = await startTandem();
    process.env['TANDEM_GRPC'] = running.grpcAddress;
    example = await import('./readme/grpc.js');
    at = await new Promise<string>((resolve, reject) => {
      example.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(`grpc://127.0.0.1:${port}`);
        else reject(error);
      });
    });
    let handler: RequestHandler = () => Promise.reject(new Error('not yet'));
    served = await listening(createServer(nodeListener({ '/workflow': (request) => handler(request) })));
    const tandem = createClient({ coordinator: example.coordinator });
    workflows = createWorkflows(tandem, { url: `${served.url}/workflow`, onError: () => undefined });
    handler = workflows.handler;
  });
  afterAll(async () => {
    await served.close();
    example.coordinator.close();
    example.server.forceShutdown();
    await running.close();
  });
  const debit = (account: string, amount: number) => ({
    at,
    method: Debit,
    request: { account, amount },
    onRollback: UndoDebit,
  });

  test('answers what the service answered, again from the record', async () => {
    const before = balanceOf('ann');
    const gid = newGid();
    const workflow = workflows.define('take', async (wf, amount: number) => {
      const { text } = await wf.grpc('debit', debit('ann', amount));
      return text;
    });
    expect(await workflow.run(5, { gid })).toBe('5 from ann');
    expect(await workflow.run(5, { gid })).toBe('5 from ann');
    expect(balanceOf('ann')).toBe(before - 5);
  });

  test('is undone with its request when the workflow fails', async () => {
    const before = balanceOf('ann');
    const workflow = workflows.define('take back', async (wf) => {
      await wf.grpc('debit', debit('ann', 7));
      throw new BranchFailure(`left: ${balanceOf('ann')}`);
    });
    await expect(workflow.run(undefined)).rejects.toMatchObject({
      code: 'TRANSACTION_FAILED',
      reason: `left: ${before - 7}`,
    });
    expect(balanceOf('ann')).toBe(before);
  });

  test('that is refused can be answered by another way', async () => {
    const workflow = workflows.define('other way', async (wf) => {
      try {
        await wf.grpc('debit', debit('nobody', 1));
      } catch (error) {
        return error instanceof BranchFailure ? error.message : 'no refusal';
      }
    });
    expect(await workflow.run(undefined)).toMatch(/nobody has not enough money/);
  });

  test('at what is no gRPC is told as that', async () => {
    const workflow = workflows.define('bad', async (wf) => {
      await wf.grpc('debit', { ...debit('ann', 1), at: 'http://127.0.0.1:9' });
    });
    await expect(workflow.run(undefined)).rejects.toThrow(/grpc:\/\/host:port/);
  });
});
