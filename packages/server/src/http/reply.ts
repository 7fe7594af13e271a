/** What an endpoint answers. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A JSON answer. */
export function jsonReply(status: number, content: unknown): Reply {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(content) };
}

/** The answer of a verb that did what it was asked. DTM's SDKs look for the word FAILURE in it: it must never hold it. */
export const success: Reply = jsonReply(200, { dtm_result: 'SUCCESS' });
