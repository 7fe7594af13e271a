// #region saga
import { createClient, TransactionFailed } from '@tandem/client';

const tandem = createClient({ url: process.env['TANDEM_URL'] ?? 'http://127.0.0.1:36789' });
const north = process.env['NORTH_BANK'] ?? 'http://127.0.0.1:8081';
const south = process.env['SOUTH_BANK'] ?? 'http://127.0.0.1:8082';

export async function transfer(from: string, to: string, amount: number) {
  const saga = tandem
    .saga()
    .step('debit', {
      action: `${north}/debit`,
      compensate: `${north}/undo-debit`,
      payload: { account: from, amount },
    })
    .step('credit', {
      action: `${south}/credit`,
      compensate: `${south}/undo-credit`,
      payload: { account: to, amount },
    });
  try {
    await saga.submit({ waitResult: true });
    return 'transferred';
  } catch (error) {
    if (error instanceof TransactionFailed) return `rolled back: ${error.reason}`;
    throw error;
  }
}
// #endregion
