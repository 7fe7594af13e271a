import type { WireName } from '../wire/wire.js';
import type { Answerer } from './call.js';
import { GrpcParticipants } from './grpc-participants.js';
import { HttpParticipants } from './http-participants.js';

/** The participants of all cases: in this process, so that a case can look at what they were sent. */
export class Participants {
  readonly #answerers = new Map<string, Answerer>();
  #http: HttpParticipants | undefined;
  #grpc: GrpcParticipants | undefined;

  static async open(): Promise<Participants> {
    const participants = new Participants();
    const answererOf = (scene: string): Answerer | undefined => participants.#answerers.get(scene);
    participants.#http = await HttpParticipants.open(answererOf);
    participants.#grpc = await GrpcParticipants.open(answererOf);
    return participants;
  }

  /** Calls of the scene go to this answerer from now on. */
  serve(scene: string, answerer: Answerer): void {
    this.#answerers.set(scene, answerer);
  }

  /** Where a branch is called over this wire. */
  url(via: WireName, scene: string, name: string): string {
    if (this.#http === undefined || this.#grpc === undefined) throw new Error('not open');
    if (via === 'grpc') return this.#grpc.url(scene, name);
    const url = `${this.#http.url}/${scene}/${name}`;
    return via === 'json-rpc' ? `${url}?method=${name}` : url;
  }

  async close(): Promise<void> {
    this.#grpc?.close();
    await this.#http?.close();
  }
}
