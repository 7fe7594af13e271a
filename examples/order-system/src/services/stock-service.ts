/** The definition of the stock's gRPC service: all that call it, and the service itself, read the same file. */
import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** The message of every method. */
export interface Piece {
  readonly order: string;
  readonly item: string;
}

type Definition = Readonly<Record<'Take' | 'GiveBack' | 'Hold' | 'Sell' | 'LetGo', ServiceDefinition[string]>>;

const file = fileURLToPath(new URL('../../proto/stock.proto', import.meta.url));

const loaded = loadSync(file)['shop.Stock'] as ServiceDefinition;

export const stockService = loaded as ServiceDefinition & Definition;
