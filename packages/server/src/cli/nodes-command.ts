import { parseArgs } from 'node:util';
import type { Environment } from '../config/read-environment.js';
import { exitCodes, type Output } from './run-command.js';
import { ServerClient, ServerRefusal, type Answer } from './server-client.js';
import { serverUrl } from './server-url.js';
import { answersOf, lineOf, table } from './text-table.js';
import { UsageError } from './usage-error.js';

/** `tandem nodes`: lists the nodes on the store of a running server. */
export async function nodes(args: readonly string[], environment: Environment, output: Output): Promise<number> {
  const { server, json } = parse(args);
  const client = new ServerClient(serverUrl(server, environment));
  try {
    const answer = await client.get('nodes', {});
    output.print(json === true ? JSON.stringify(answer) : nodesTable(answer));
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof ServerRefusal)) throw error;
    output.printError(`tandem: ${error.message}`);
    return exitCodes.failed;
  }
}

function parse(args: readonly string[]) {
  try {
    const options = { server: { type: 'string' }, json: { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function nodesTable(answer: Answer): string {
  const rows = answersOf(answer['nodes']).map((node) => [
    lineOf(node['id']),
    stateOf(node),
    lineOf(node['http']),
    lineOf(node['grpc']),
    lineOf(node['host']),
    lineOf(node['pid']),
    lineOf(node['worker']),
    lineOf(node['version']),
    lineOf(node['start_time']),
    lineOf(node['seen_time']),
  ]);
  if (rows.length === 0) return 'no nodes';
  const names = ['ID', 'STATE', 'HTTP', 'GRPC', 'HOST', 'PID', 'WORKER', 'VERSION', 'STARTED', 'SEEN'];
  return table([names, ...rows]);
}

function stateOf(node: Answer): string {
  if (node['is_alive'] === true) return 'alive';
  return node['has_left'] === true ? 'left' : 'gone';
}
