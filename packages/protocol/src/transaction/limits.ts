/** Every limit of a transaction, in one place; docs/errors.md names the code that each answers with. */
export const limits = {
  /** Longest gid, in characters (UTF-16 code units). */
  gidCharactersMax: 128,
  /** Longest name of a topic, in characters. */
  nameCharactersMax: 256,
  /** Largest request body, in bytes. */
  requestBytesMax: 16 * 1024 * 1024,
  /** Most branches (steps, or subscribers of topics) of one transaction. */
  branchesMax: 10_000,
  /** Most entries of a concurrent saga's `orders`, all steps together. */
  ordersMax: 100_000,
  /** Longest custom_data, in characters. */
  customDataCharactersMax: 1024 * 1024,
  /** Longest input (with its envelope) and result of a workflow, in characters: base64 of the largest payload. */
  resultCharactersMax: 6 * 1024 * 1024,
  /** Largest payload of one step, in bytes. */
  payloadBytesMax: 4 * 1024 * 1024,
  /** Most that the branches registered with a transaction, or the steps of a workflow, hold together, in bytes. */
  registeredBytesMax: 64 * 1024 * 1024,
  /** Longest branch or back-check URL, in characters. */
  urlCharactersMax: 8192,
  /** Most of a participant's answer that is read, in bytes. */
  answerBytesMax: 1024 * 1024,
  /** Longest reason that is kept, in characters; longer ones are cut. */
  reasonCharactersMax: 16 * 1024,
  /** Largest sum of names and values of branch headers, in bytes. */
  headerBytesMax: 64 * 1024,
  /** Longest time that a caller with wait_result is kept waiting, in milliseconds. */
  waitMsMax: 5_000,
  /** Largest page of a listing. */
  pageMax: 1_000,
  /** Largest time that an option may name, in milliseconds: one hundred years. */
  durationMsMax: 100 * 365 * 24 * 3600 * 1000,
} as const;
