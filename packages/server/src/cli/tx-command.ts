import type { Environment } from '../config/read-environment.js';
import { retryReport, whyNoRetry } from './retry-report.js';
import { exitCodes, type Output } from './run-command.js';
import { ServerClient, ServerRefusal } from './server-client.js';
import { serverUrl } from './server-url.js';
import { transactionDetails, transactionTable } from './transaction-text.js';
import { parseTxArguments, type TxArguments, type TxFilters } from './tx-arguments.js';

/** `tandem tx ...`: looks at and acts on transactions of a running server. */
export async function transactions(args: readonly string[], environment: Environment, output: Output): Promise<number> {
  const asked = parseTxArguments(args);
  const client = new ServerClient(serverUrl(asked.server, environment));
  try {
    const { answer, text } = await act(client, asked);
    output.print(asked.isJson ? JSON.stringify(answer) : text);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof ServerRefusal)) throw error;
    output.printError(`tandem: ${error.message}`);
    return exitCodes.failed;
  }
}

interface Done {
  /** The server's own words. */
  readonly answer: unknown;
  /** The same for a person. */
  readonly text: string;
}

async function act(client: ServerClient, asked: TxArguments): Promise<Done> {
  switch (asked.act) {
    case 'list':
      return list(client, asked.filters);
    case 'show':
      return show(client, asked.gid);
    case 'retry':
      return retry(client, asked.gid);
    case 'resume':
      return { answer: await client.post('resume', { gid: asked.gid }), text: `${asked.gid}: resumed` };
    case 'pause':
      return { answer: await client.post('pause', withReason(asked)), text: `${asked.gid}: paused` };
    case 'stop': {
      const answer = await client.post('forceStop', withReason(asked));
      return { answer, text: `${asked.gid}: stopped; nothing was compensated` };
    }
  }
}

async function list(client: ServerClient, filters: TxFilters): Promise<Done> {
  const answer = await client.get('all', {
    status: filters.status,
    transType: filters.type,
    gidPrefix: filters['gid-prefix'],
    paused: filters.paused === true ? 'true' : undefined,
    finished: filters.unfinished === true ? 'false' : undefined,
    limit: filters.limit,
    position: filters.position,
  });
  return { answer, text: transactionTable(answer) };
}

async function show(client: ServerClient, gid: string): Promise<Done> {
  const answer = await client.get('query', { gid });
  if (answer['transaction'] === null) throw new ServerRefusal(`there is no transaction ${gid}`);
  return { answer, text: transactionDetails(answer) };
}

/** Looks before and after: the server takes the wish for what waits, and says nothing where nothing does. */
async function retry(client: ServerClient, gid: string): Promise<Done> {
  const before = await client.get('query', { gid });
  const obstacle = whyNoRetry(before);
  if (obstacle !== undefined) throw new ServerRefusal(`${gid}: ${obstacle}`);
  const answer = await client.post('retryNow', { gid });
  return { answer, text: `${gid}: ${retryReport(before, await client.get('query', { gid }))}` };
}

function withReason({ gid, reason }: { readonly gid: string; readonly reason: string }) {
  return { gid, ...(reason !== '' && { reason }) };
}
