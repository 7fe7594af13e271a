import type { Order, OrderAnswer } from './order.js';

const answerLimitMs = 15_000;

/** Orders once; an answer that does not come is as unclear as one that says so. */
export async function placeOrder(url: string, order: Order, { wait }: { wait: boolean }): Promise<OrderAnswer> {
  try {
    const response = await fetch(`${url}/orders${wait ? '?wait=1' : ''}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
      signal: AbortSignal.timeout(answerLimitMs),
    });
    const answer: unknown = await response.json();
    if (isAnswer(answer)) return answer;
    return { status: 'unclear', reason: `HTTP ${response.status}` };
  } catch (error) {
    return { status: 'unclear', reason: error instanceof Error ? error.message : String(error) };
  }
}

function isAnswer(answer: unknown): answer is OrderAnswer {
  return typeof answer === 'object' && answer !== null && 'status' in answer;
}
