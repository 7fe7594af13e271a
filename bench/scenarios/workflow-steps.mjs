/** What the first steps of workflows cost, and what the last of a thousand do. */
import { FlowConnection } from '../load/flow-connection.mjs';
import { workflowPrepare, workflowStep } from './transactions.mjs';

const inFlight = 32;
const stepsEach = 1_000;
const window = 40;

/** @param {import('./bench-setting.mjs').Setting} setting */
export async function workflowSteps({ server, participants, count }) {
  await server.start();
  const last = count || stepsEach;
  const prefix = `steps-${process.pid.toString(36)}-${Date.now().toString(36)}-`;
  const prepare = workflowPrepare(participants.url);
  const runs = Array.from({ length: inFlight }, (_, index) => ({
    connection: new FlowConnection(server.baseUrl),
    gid: prefix + String(index),
  }));
  /** @param {number} from @param {number} to */
  const record = async (from, to) => {
    const cpuBefore = server.usage().cpuSeconds;
    /** @type {number[]} */
    const latenciesMs = [];
    await Promise.all(
      runs.map(async ({ connection, gid }) => {
        for (let step = from; step < to; step += 1) {
          const sentAt = performance.now();
          await expectOk(connection, workflowStep(step), gid);
          latenciesMs.push(performance.now() - sentAt);
        }
      }),
    );
    latenciesMs.sort((one, other) => one - other);
    return {
      p50Ms: latenciesMs[Math.floor(latenciesMs.length / 2)] ?? 0,
      cpuSecondsPer1000: ((server.usage().cpuSeconds - cpuBefore) / latenciesMs.length) * 1000,
    };
  };
  try {
    // What is compiled and cached is so for both: other workflows go first.
    await Promise.all(runs.map(({ connection, gid }) => expectOk(connection, prepare, `warm-${gid}`)));
    for (let step = 1; step <= window; step += 1) {
      await Promise.all(runs.map(({ connection, gid }) => expectOk(connection, workflowStep(step), `warm-${gid}`)));
    }
    await Promise.all(runs.map(({ connection, gid }) => expectOk(connection, prepare, gid)));
    const first = await record(1, window + 1);
    const between = await record(window + 1, last - window + 1);
    const end = await record(last - window + 1, last + 1);
    return {
      inFlight,
      steps: last,
      p50MsOfFirst: first.p50Ms,
      p50MsOfLast: end.p50Ms,
      cpuSecondsPer1000First: first.cpuSecondsPer1000,
      cpuSecondsPer1000Between: between.cpuSecondsPer1000,
      cpuSecondsPer1000Last: end.cpuSecondsPer1000,
    };
  } finally {
    for (const { connection } of runs) connection.close();
  }
}

/** @param {FlowConnection} connection @param {import('../load/wrk.mjs').Request} request @param {string} gid */
async function expectOk(connection, request, gid) {
  const status = await connection.send(request, gid);
  if (status !== 200) throw new Error(`${request.path} answered ${status}`);
}
