import { timing } from '../processes/coordinator-process.js';
import type { Fault } from './fault.js';

/** The coordinator stands still for longer than its leases last, and goes on as if nothing had been. */
export const freezeCoordinator: Fault = {
  name: 'freeze',
  lane: 'coordinator',
  strike: async ({ coordinator, log, pause }, random) => {
    const lastsMs = timing.leaseSeconds * 1_000 + random.integer(200, 900);
    log(`SIGSTOP of the coordinator for ${String(lastsMs)} ms; its leases last ${String(timing.leaseSeconds)} s`);
    coordinator.freeze();
    await pause(lastsMs);
    coordinator.thaw();
    log('SIGCONT of the coordinator');
  },
};
