import type { Environment } from '../config/read-environment.js';
import { UsageError } from './usage-error.js';

/** The server that a command talks to. Throws `UsageError`. */
export function serverUrl(flag: string | undefined, environment: Environment): string {
  const given = flag ?? (environment['TANDEM_SERVER'] || 'http://127.0.0.1:36789');
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given;
  const source = flag === undefined ? 'environment TANDEM_SERVER' : '--server';
  throw new UsageError(`${source} must be a URL such as http://127.0.0.1:36789, not "${given}"`);
}
