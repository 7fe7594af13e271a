/** What is used in a way that cannot work is told at once, with what to do instead. */
import {
  branchHandler,
  ClientError,
  createClient,
  InvalidUse,
  xaHandler,
  type Client,
  type Tcc,
  type XaDatabase,
} from '@tandem/client';
import { createWorkflows, type WorkflowScope } from '@tandem/client/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { inProcess } from './client-at.js';

const nobody = 'http://127.0.0.1:9';

describe('bad use', () => {
  let tandem: Client;
  beforeAll(async () => {
    const running = await inProcess();
    tandem = running.tandem;
    return () => running.close();
  });

  test('no coordinator at this address', async () => {
    const alone = createClient({ url: nobody, repeats: 0 });
    const workflow = createWorkflows(alone, { url: `${nobody}/workflow` }).define('w', async () => undefined);
    for (const act of [
      alone.tcc(() => undefined),
      alone.xa(() => undefined),
      workflow.start(undefined),
      alone.message().add(nobody).submit(),
    ]) {
      const error = await act.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ClientError);
      expect(error).toMatchObject({ code: 'COORDINATOR_UNREACHABLE', message: /does it run, and is the url right\?/ });
    }
    await expect(workflow.run(undefined)).rejects.toMatchObject({ code: 'COORDINATOR_UNREACHABLE' });
  });

  test('a branch that comes after the end of its TCC', async () => {
    const kept: Tcc[] = [];
    await tandem.tcc((tcc) => void kept.push(tcc));
    const late = kept[0]?.branch('late', { try: nobody, confirm: null, cancel: null });
    await expect(late).rejects.toMatchObject({ code: 'USED_AFTER_ITS_END', message: /await it inside the callback/ });
  });

  test('a step that comes after the end of its workflow', async () => {
    const kept: WorkflowScope[] = [];
    const workflows = createWorkflows(tandem, { url: `${nobody}/workflow` });
    await workflows.define('ended', async (wf) => void kept.push(wf)).run(undefined);
    const late = kept[0]?.do('late', () => 1);
    await expect(late).rejects.toMatchObject({ code: 'USED_AFTER_ITS_END', message: /await every step/ });
  });

  test('a branch, a step or a url that is no URL', async () => {
    const branch = tandem.tcc((tcc) => tcc.branch('seat', { try: '/seat', confirm: null, cancel: null }));
    await expect(branch).rejects.toMatchObject({ code: 'INVALID_OPTION', message: /must begin with http/ });
    expect(() => createWorkflows(tandem, { url: '/workflow' })).toThrow(
      /url must be where the workflows' handler is served/,
    );
  });

  test('payloads that are not JSON', async () => {
    const branch = { try: nobody, confirm: null, cancel: null, payload: { n: 1n } };
    await expect(tandem.tcc((tcc) => tcc.branch('seat', branch))).rejects.toMatchObject({
      code: 'INVALID_PAYLOAD',
      message: /the payload of branch "seat" is not JSON/,
    });
    const workflow = createWorkflows(tandem, { url: `${nobody}/w` }).define('big', async (_, n: bigint) => String(n));
    await expect(workflow.run(1n)).rejects.toThrow(/the input of workflow "big" is not JSON/);
  });

  test('names that are used twice', () => {
    const workflows = createWorkflows(tandem, { url: `${nobody}/workflow` });
    workflows.define('twice', () => undefined);
    expect(() => workflows.define('twice', () => undefined)).toThrow(/two workflows are named "twice"/);
    const saga = workflows.saga('saga').step('a', { action: () => 1, compensate: null });
    expect(() => saga.step('a' as 'b', { action: () => 1, compensate: null })).toThrow(/two steps are named "a"/);
  });

  const call = (query: string, method = 'POST') =>
    new Request(`http://me/?gid=g&branch_id=01&${query}`, { method, ...(method === 'POST' && { body: '{}' }) });
  const told = async (response: Promise<Response>) => {
    const { status } = await response;
    return { status, ...((await (await response).json()) as object) };
  };

  test('a workflow that is not defined here is named, with those that are', async () => {
    const errors: unknown[] = [];
    const workflows = createWorkflows(tandem, { url: `${nobody}/w`, onError: (error) => void errors.push(error) });
    workflows.define('known', () => undefined);
    expect(await told(workflows.handler(call('trans_type=workflow&op=unknown')))).toMatchObject({
      status: 500,
      code: 'UNKNOWN_WORKFLOW',
      message: 'no workflow is defined here as "unknown" (known)',
    });
    expect(errors).toEqual([expect.any(InvalidUse)]);
  });

  test('a handler that is called for something else', async () => {
    const quiet = { onError: () => undefined };
    const workflows = createWorkflows(tandem, { url: `${nobody}/w`, ...quiet });
    const notABranch = { status: 400, code: 'NOT_A_BRANCH_CALL' };
    expect(await told(workflows.handler(call('trans_type=saga&op=action')))).toMatchObject(notABranch);
    const xa = xaHandler(tandem, {} as XaDatabase<unknown>, () => undefined, quiet);
    expect(await told(xa(call('trans_type=tcc&op=try')))).toMatchObject(notABranch);
    const nested = branchHandler((context) => tandem.nestedTcc(context, () => undefined), quiet);
    expect(await told(nested(call('trans_type=saga&op=action')))).toMatchObject({
      ...notABranch,
      message: /branches are nested in the try of a TCC, and this is the action of a saga/,
    });
  });

  test('a refusal after the pivot is no way back', async () => {
    const { BranchFailure } = await import('@tandem/client');
    const saga = createWorkflows(tandem, { url: `${nobody}/w` })
      .saga('pivoted')
      .pivot('pay', { action: () => 1 })
      .step('mail', {
        action: () => {
          throw new BranchFailure('no such address');
        },
      });
    await expect(saga.run(undefined)).rejects.toMatchObject({
      code: 'TRANSACTION_ONGOING',
      message: /step "mail" comes after the pivot and must not refuse: no such address/,
    });
  });
});
