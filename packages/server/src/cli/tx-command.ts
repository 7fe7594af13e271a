import { parseArgs } from 'node:util';
import type { Environment } from '../config/read-environment.js';
import { exitCodes, type Output } from './run-command.js';
import { ServerClient, ServerRefusal } from './server-client.js';
import { transactionDetails, transactionTable } from './transaction-text.js';
import { UsageError } from './usage-error.js';

const options = {
  server: { type: 'string' },
  json: { type: 'boolean' },
  status: { type: 'string' },
  type: { type: 'string' },
  'gid-prefix': { type: 'string' },
  paused: { type: 'boolean' },
  unfinished: { type: 'boolean' },
  limit: { type: 'string' },
  position: { type: 'string' },
} as const;

type Flags = ReturnType<typeof parse>['values'];

/** `tandem tx ...`: looks at and acts on transactions of a running server. */
export async function transactions(args: readonly string[], environment: Environment, output: Output): Promise<number> {
  const { values: flags, positionals } = parse(args);
  const [act, gid, ...words] = positionals;
  const server = flags.server ?? (environment['TANDEM_SERVER'] || 'http://127.0.0.1:36789');
  const client = new ServerClient(server);
  try {
    if (act === 'list') return await list(client, flags, output);
    if (gid === undefined) throw new UsageError(act === undefined ? 'tx needs an act' : `tx ${act} needs a GID`);
    return await one(client, { act: act ?? '', gid, reason: words.join(' '), isJson: flags.json === true }, output);
  } catch (error) {
    if (!(error instanceof ServerRefusal)) throw error;
    output.printError(`tandem: ${error.message}`);
    return exitCodes.failed;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function list(client: ServerClient, flags: Flags, output: Output): Promise<number> {
  const answer = await client.get('all', {
    status: flags.status,
    transType: flags.type,
    gidPrefix: flags['gid-prefix'],
    paused: flags.paused === true ? 'true' : undefined,
    finished: flags.unfinished === true ? 'false' : undefined,
    limit: flags.limit,
    position: flags.position,
  });
  output.print(flags.json === true ? JSON.stringify(answer) : transactionTable(answer));
  return exitCodes.done;
}

interface Act {
  readonly act: string;
  readonly gid: string;
  readonly reason: string;
  readonly isJson: boolean;
}

async function one(client: ServerClient, { act, gid, reason, isJson }: Act, output: Output): Promise<number> {
  if (act === 'show') {
    const answer = await client.get('query', { gid });
    if (answer['transaction'] === null) throw new ServerRefusal(`there is no transaction ${gid}`);
    output.print(isJson ? JSON.stringify(answer) : transactionDetails(answer));
    return exitCodes.done;
  }
  const verb = verbs.get(act);
  if (verb === undefined) throw new UsageError(`there is no act "tx ${act}"`);
  const answer = await client.post(verb.path, { gid, ...(reason !== '' && { reason }) });
  output.print(isJson ? JSON.stringify(answer) : `${gid}: ${verb.done}`);
  return exitCodes.done;
}

const verbs: ReadonlyMap<string, { readonly path: string; readonly done: string }> = new Map([
  ['retry', { path: 'retryNow', done: 'is being tried again' }],
  ['pause', { path: 'pause', done: 'paused' }],
  ['resume', { path: 'resume', done: 'resumed' }],
  ['stop', { path: 'forceStop', done: 'stopped; nothing was compensated' }],
]);
