/** One deliberate defect: a small change of one source file, which some seed must find. */
export interface Defect {
  readonly name: string;
  /** What is wrong, as a reviewer would say it. */
  readonly what: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Text that occurs once in the file; a defect that does not apply any more is itself a failure. */
  readonly find: string;
  readonly replace: string;
}
