import type { CoordinatorEvents } from '@tandem/coordinator';
import type { BranchOp } from '@tandem/protocol';
import type { AlertWebHook } from './alert-web-hook.js';
import type { CoordinatorMeter } from './coordinator-meter.js';
import type { Log } from './log.js';
import { Seldom } from './seldom.js';
import { shownUrl, withoutCredentials } from './shown-url.js';

export interface Observers {
  readonly meter: CoordinatorMeter;
  readonly log: Log;
  readonly alerts: AlertWebHook;
}

const quietMs = 10_000;
const shownReasonCharacters = 300;

/** Counts, logs and alerts what the coordinator tells; what can come in floods is logged seldom, with a count. */
export function observeCoordinator({ meter, log, alerts }: Observers): CoordinatorEvents {
  const seldom = new Seldom(quietMs);
  const warnSeldom = (kind: string, details: object, message: string): void => {
    const heldBack = seldom.pass(kind);
    if (heldBack !== undefined) log.warn({ ...details, ...(heldBack > 0 && { heldBack }) }, message);
  };
  return {
    created: (type) => {
      meter.created(type);
    },
    finished: (type, status, gid, ageMs) => {
      meter.finished(type, status, ageMs);
      if (log.isLevelEnabled('debug')) log.debug({ gid, type, status, ageMs }, 'transaction finished');
    },
    branchAnswered: (type, op, result, durationMs) => {
      meter.branchAnswered(type, op, result, durationMs);
    },
    branchRetry: (gid, branchId, op, url, attempts, reason) => {
      const shown = { gid, branchId, op, url: shownUrl(url), attempts, reason: reason.slice(0, shownReasonCharacters) };
      warnSeldom(`branch ${targetOf(url)}`, shown, 'a branch gave no clear answer and will be called again');
      alerts.offer({
        gid,
        status: statusOf(branchId, op),
        branch: withoutCredentials(url),
        error: reason,
        retry_count: attempts,
        branch_id: branchId,
        op,
      });
    },
    paused: (type, gid, reason) => {
      meter.paused(type);
      warnSeldom('paused', { gid, type, reason: reason.slice(0, shownReasonCharacters) }, 'transaction paused');
    },
    targetOpened: (target) => {
      meter.breakerOpened();
      warnSeldom(`down ${target}`, { target }, 'target does not answer and is left alone for a while');
    },
    targetClosed: (target) => {
      log.info({ target }, 'target answers again');
    },
    claimed: (count) => {
      meter.claimed(count);
    },
    storeFault: (verb, error) => {
      meter.storeFault();
      warnSeldom(`store ${verb}`, { verb, error: String(error) }, 'the store failed');
    },
    leaseLost: (gid) => {
      meter.leaseLost();
      warnSeldom('lease', { gid }, 'lease lost; its run was given up');
    },
    defect: (error) => {
      meter.defect();
      log.error({ err: error }, 'defect');
    },
  };
}

function targetOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/** DTM's alert names the status; the operation says which it is. */
function statusOf(branchId: string, op: BranchOp): string {
  if (op === 'compensate') return 'aborting';
  return branchId === '00' ? 'prepared' : 'submitted';
}
