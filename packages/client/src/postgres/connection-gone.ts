import { causesOf } from '../sql/error-causes.js';

/** The server ends the session (08, 57P01 to 57P03), or the socket or the driver has (`CONNECTION_CLOSED` and the like of postgres.js). */
const gone = /^(08[0-9A-Z]{3}|57P0[123]|CONNECTION_[A-Z]+|ECONNRESET|EPIPE)$/;

/** Whether nothing more can be asked of the connection that had this error. */
export function isConnectionGone(error: unknown): boolean {
  for (const cause of causesOf(error)) {
    if ('code' in cause && typeof cause.code === 'string' && gone.test(cause.code)) return true;
  }
  return false;
}
