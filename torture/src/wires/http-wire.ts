import {
  sendTimeoutMs,
  unclear,
  type CoordinatorWire,
  type Members,
  type Reply,
  type Verb,
} from './coordinator-wire.js';

interface Said {
  readonly code?: string;
  readonly message?: string;
}

/** POST to `/api/dtmsvr/VERB`. */
export class HttpWire implements CoordinatorWire {
  readonly name = 'http';

  constructor(private readonly url: string) {}

  async send(verb: Verb, members: Members): Promise<Reply> {
    try {
      const response = await fetch(`${this.url}/api/dtmsvr/${verb}`, {
        method: 'POST',
        body: JSON.stringify({ ...members, protocol: 'http' }),
        signal: AbortSignal.timeout(sendTimeoutMs),
      });
      const body = (await response.json()) as Said;
      return { kind: kindOf(response.status), code: body.code ?? '', why: body.message ?? '', body };
    } catch (error) {
      return unclear(error);
    }
  }
}

function kindOf(status: number): Reply['kind'] {
  if (status === 200) return 'done';
  if (status === 425) return 'ongoing';
  return status === 429 || status >= 500 ? 'unclear' : 'refused';
}
