import type { Dispatcher } from 'undici';

/** How one HTTP call ended. */
export type ExchangeEnd =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly contentType: string;
      readonly location: string;
      readonly body: string;
    }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'failed'; readonly error: Error; readonly hasResponseStarted: boolean };

/**
 * One HTTP call as undici drives it: collects the answer up to a limit, and can be given up at any moment, also while the
 * connection is still being opened. Calls `ended` exactly once, when the connection is free for the next call.
 */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #answerBytesMax: number;
  readonly #ended: (end: ExchangeEnd) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #isAbandoned = false;
  #isTooLarge = false;
  #status = 0;
  #contentType = '';
  #location = '';
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(answerBytesMax: number, ended: (end: ExchangeEnd) => void) {
    this.#answerBytesMax = answerBytesMax;
    this.#ended = ended;
  }

  /** Drops the connection; `ended` follows. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#controller?.abort(new Error('given up'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isAbandoned) controller.abort(new Error('given up'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#contentType = firstOf(headers['content-type']);
    if (status >= 300 && status < 400) this.#location = firstOf(headers['location']);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#answerBytesMax) {
      this.#chunks.push(chunk);
    } else {
      this.#isTooLarge = true;
      controller.abort(new Error('the answer is too large'));
    }
  }

  onResponseEnd(): void {
    this.#ended({
      kind: 'answered',
      status: this.#status,
      contentType: this.#contentType,
      location: this.#location,
      body: this.#body(),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isTooLarge) this.#ended({ kind: 'tooLarge' });
    else this.#ended({ kind: 'failed', error, hasResponseStarted: this.#status !== 0 });
  }

  #body(): string {
    const [first] = this.#chunks;
    if (first === undefined) return '';
    return (this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)).toString();
  }
}

function firstOf(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? '';
}
