import type { RequestHandler } from '@tandem/client';
import { clientPath } from '../bank/manners.js';
import type { Told } from './told.js';

const askTimeoutMs = 12_000;

/** Has a bank do something in its own process; answers what it says, or that nothing is known where it dies meanwhile. */
export async function askBank(bankUrl: string, errand: string, order: object): Promise<Told> {
  try {
    const init = { method: 'POST', body: JSON.stringify(order), signal: AbortSignal.timeout(askTimeoutMs) };
    const response = await fetch(bankUrl + clientPath + errand, init);
    if (!response.ok) return { kind: 'unknown', why: `HTTP ${String(response.status)}` };
    return (await response.json()) as Told;
  } catch (error) {
    return { kind: 'unknown', why: String(error) };
  }
}

/** The route of a bank that does it; the order is what was given to `askBank`. */
export function errandRoute(errand: string, run: (order: unknown) => Promise<Told>): Record<string, RequestHandler> {
  return {
    [clientPath + errand]: async (request) => Response.json(await run(await request.json())),
  };
}
