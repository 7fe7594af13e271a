/**
 * How a bank treats the calls of branches: well, or in one of the ways in which services go wrong. What it does to the
 * answer happens after the work is committed.
 */
import type { RequestListener, ServerResponse } from 'node:http';

export type Manners =
  /** Answers as it should. */
  | 'good'
  /** Takes the call and never answers, and does no work. */
  | 'hang'
  /** Does the work, and drops the connection instead of answering. */
  | 'drop'
  /** Does the work, and answers when the caller has given up. */
  | 'late'
  /** Does the work, and sends its answer twice on the same connection. */
  | 'twice'
  /** Does the work, and answers 500. */
  | 'error';

export interface MannersOrder {
  readonly manners: Manners;
  /** Of how many calls, from 0 to 1. */
  readonly share: number;
}

type End = (body: Buffer) => ServerResponse;

const lateMs = 1_500;
/** Only calls of the coordinator are treated badly: its clients and the run itself need answers. */
const ownPaths = ['/control/', '/send'];

/** See the file head. */
export class MannersOfBank {
  #order: MannersOrder = { manners: 'good', share: 1 };

  set(order: MannersOrder): void {
    this.#order = order;
  }

  wrap(serve: RequestListener): RequestListener {
    return (incoming, outgoing) => {
      const { manners, share } = this.#order;
      const path = incoming.url ?? '';
      if (manners === 'good' || Math.random() >= share || ownPaths.some((own) => path.startsWith(own))) {
        serve(incoming, outgoing);
        return;
      }
      if (manners === 'hang') {
        incoming.resume();
        return;
      }
      const end: End = outgoing.end.bind(outgoing) as End;
      const changed: End = (body) => {
        answerBadly(manners, outgoing, end, body);
        return outgoing;
      };
      outgoing.end = changed as typeof outgoing.end;
      serve(incoming, outgoing);
    };
  }
}

function answerBadly(
  manners: Exclude<Manners, 'good' | 'hang'>,
  outgoing: ServerResponse,
  end: End,
  body: Buffer,
): void {
  switch (manners) {
    case 'drop':
      outgoing.destroy();
      return;
    case 'late':
      setTimeout(() => end(body), lateMs);
      return;
    case 'twice': {
      const head = `HTTP/1.1 ${String(outgoing.statusCode)} Any\r\ncontent-type: application/json\r\ncontent-length: ${String(body.byteLength)}\r\n\r\n`;
      const answer = Buffer.concat([Buffer.from(head), body]);
      outgoing.socket?.write(Buffer.concat([answer, answer]));
      return;
    }
    case 'error': {
      // The head is written with the first byte of the body, so it can still be another one.
      const { socket } = outgoing;
      socket?.end('HTTP/1.1 500 Any\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}');
    }
  }
}
