/** What a line in a bank's log begins with that no coordinator may ever cause. */
export const complaintMark = 'COMPLAINT';

/** A call that no coordinator may ever make. It is answered with 500 and stands in the bank's log, where the audit finds it. */
export class Complaint extends Error {
  override readonly name = 'Complaint';

  constructor(text: string) {
    super(`${complaintMark} ${text}`);
  }
}
