/** Calls participants by gRPC, over one channel for each address. */
import {
  Client,
  credentials,
  Metadata,
  status,
  type ChannelCredentials,
  type ServiceError,
  type requestCallback,
} from '@grpc/grpc-js';
import { channelOptions } from './channel-options.js';
import type { GrpcCall, GrpcCalls, GrpcReply } from '../participant/grpc-calls.js';

export interface ParticipantCalls extends GrpcCalls {
  close(): void;
}

const empty = new Uint8Array();
const same = (bytes: Buffer): Buffer => bytes;

/** `secure`: for `grpcs://`; by default the authorities that Node knows. */
export function participantCalls(secure: () => ChannelCredentials = () => credentials.createSsl()): ParticipantCalls {
  const clients = new Map<string, Client>();
  const clientOf = (isSecure: boolean, address: string): Client => {
    const key = `${isSecure ? 'grpcs' : 'grpc'}://${address}`;
    const known = clients.get(key);
    if (known !== undefined) return known;
    const client = new Client(address, isSecure ? secure() : credentials.createInsecure(), channelOptions);
    clients.set(key, client);
    return client;
  };
  return {
    call: async ({ url, payload, metadata, timeoutMs }: GrpcCall) => {
      const [, scheme = '', address = '', path = ''] = /^(grpcs?):\/\/([^/]+)(\/[^/]+\/[^/]+)$/i.exec(url) ?? [];
      if (path === '') throw new Error('a gRPC branch must be grpc://host:port/package.Service/Method');
      const headers = new Metadata();
      for (const [name, value] of Object.entries(metadata)) headers.set(name, value);
      const isSecure = scheme.toLowerCase() === 'grpcs';
      const client = clientOf(isSecure, isSecure && !/:\d+$/.test(address) ? `${address}:443` : address);
      return new Promise<GrpcReply>((resolve) => {
        const answered: requestCallback<Buffer> = (error, answer) => resolve(replyOf(error, answer));
        const options = { deadline: Date.now() + timeoutMs };
        client.makeUnaryRequest(path, same, same, Buffer.from(payload), headers, options, answered);
      });
    },
    close: () => {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

function replyOf(error: ServiceError | null, answer: Buffer | undefined): GrpcReply {
  if (error !== null) return { code: error.code, message: error.details, payload: empty };
  return { code: status.OK, message: '', payload: answer ?? empty };
}
