/** What a node and an engine cost in the model, in ms; nothing of it is measured while it runs. */
export const model = {
  /** Between a node and the engine, there and back. */
  roundTripMs: 0.5,
  /** A batch of writes: a statement, a commit and a sync, whatever is in it. */
  batchMs: 1,
  /** Each item of it. */
  itemMs: 0.03,
  /** Batches and reads that the engine works at side by side. */
  engineLanes: 8,
  /** CPU of a node for a request or a call of a branch: a saga of two steps has three. */
  nodeMs: 0.07,
  /** A participant's answer. */
  answerMs: 1,
} as const;

/** Ticks of virtual time in a ms. */
export const ticksPerMs = 100;
