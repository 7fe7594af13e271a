import { join } from 'node:path';
import { Balancer } from '../network/balancer.js';
import { TcpGate } from '../network/tcp-gate.js';
import type { TortureOptions } from '../options.js';
import { coordinatorProcess } from '../processes/coordinator-process.js';
import { freePort } from '../processes/free-port.js';
import type { SupervisedProcess } from '../processes/supervised-process.js';
import type { CoordinatorAddress } from '../wires/coordinator-wires.js';

/** One of several coordinators on one store, and the way from it to that store. */
export interface ClusterNode {
  readonly process: SupervisedProcess;
  readonly gate: TcpGate;
  readonly logPath: string;
}

export interface Nodes {
  readonly nodes: readonly ClusterNode[];
  /** Where all of them are reached, each connection at another one. */
  readonly address: CoordinatorAddress;
  readonly close: () => void;
}

/** Coordinators on the store at `url`, not started yet, behind one address for each wire. */
export async function openNodes({ folder, command, nodes: count }: TortureOptions, url: string): Promise<Nodes> {
  const nodes: ClusterNode[] = [];
  const ports = { http: [] as number[], grpc: [] as number[] };
  for (let number = 1; number <= count; number += 1) {
    const { gate, url: throughGate } = await TcpGate.before(url);
    const [port, grpcPort] = [await freePort(), await freePort()];
    const logPath = join(folder, `node-${String(number)}.log`);
    const env = { TANDEM_STORE: throughGate, TANDEM_NODE_HEARTBEAT: '0.5' };
    const process = coordinatorProcess({ name: `node ${String(number)}`, command, port, grpcPort, logPath, env });
    nodes.push({ process, gate, logPath });
    ports.http.push(port);
    ports.grpc.push(grpcPort);
  }
  const [http, grpc] = await Promise.all([Balancer.open(ports.http), Balancer.open(ports.grpc)]);
  return {
    nodes,
    address: { url: `http://${http.address}`, grpc: grpc.address },
    close: () => {
      http.close();
      grpc.close();
      for (const { gate } of nodes) gate.close();
    },
  };
}
