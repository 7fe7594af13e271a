import { createClient, type Client } from '@tandem/client';
import { embedded, fetchCaller } from '@tandem/client/embedded';
import { grpcCoordinator } from '@tandem/client/grpc';
import { Coordinator } from '@tandem/coordinator';
import { MemoryStore } from '@tandem/store';
import { startTandem, type RunningCoordinator } from './coordinator-processes.js';

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
      subscribe: (topic, url) => subscribeAt(coordinator, topic, url),
      close: () => coordinator.close(),
    };
  };
}

/** A client by gRPC of Tandem's process. */
export const byGrpc: StartClient = async () => {
  const running = await startTandem();
  const coordinator = grpcCoordinator({ address: running.grpcAddress });
  return {
    tandem: createClient({ coordinator }),
    subscribe: (topic, url) => subscribeAt(running, topic, url),
    close: () => {
      coordinator.close();
      return running.close();
    },
  };
};

async function subscribeAt(coordinator: RunningCoordinator, topic: string, url: string): Promise<void> {
  const query = new URLSearchParams({ topic, url }).toString();
  const { status } = await fetch(`${coordinator.url}/api/dtmsvr/subscribe?${query}`);
  if (status !== 200) throw new Error(`subscribe answered ${status}`);
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
