import { createClient, type Client } from '@tandem/client';
import { embedded, fetchCaller } from '@tandem/client/embedded';
import { Coordinator } from '@tandem/coordinator';
import { MemoryStore } from '@tandem/store';
import type { RunningCoordinator } from './coordinator-processes.js';

/** A client, and the coordinator that it speaks to. */
export interface RunningClient {
  readonly tandem: Client;
  subscribe(topic: string, url: string): Promise<void>;
  close(): Promise<void>;
}

export type StartClient = () => Promise<RunningClient>;

/** A client by HTTP of a coordinator's process. */
export function byHttp(start: () => Promise<RunningCoordinator>): StartClient {
  return async () => {
    const coordinator = await start();
    return {
      tandem: createClient({ url: coordinator.url }),
      subscribe: async (topic, url) => {
        const query = new URLSearchParams({ topic, url }).toString();
        const { status } = await fetch(`${coordinator.url}/api/dtmsvr/subscribe?${query}`);
        if (status !== 200) throw new Error(`subscribe answered ${status}`);
      },
      close: () => coordinator.close(),
    };
  };
}

/** A client of a coordinator inside this process. */
export const inProcess: StartClient = async () => {
  const coordinator = new Coordinator({ store: new MemoryStore(), caller: fetchCaller() });
  await coordinator.start();
  return {
    tandem: createClient({ coordinator: embedded(coordinator) }),
    subscribe: (topic, url) => coordinator.subscribe(topic, url, ''),
    close: () => coordinator.close(0),
  };
};
