/**
 * The interface of Standard Schema, version 1 (standardschema.dev), which zod, valibot, arktype and others implement. Its
 * specification asks to copy these types rather than to depend on a package. Only what is used here.
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  /** All that a library has to offer. */
  readonly '~standard': {
    /** Of the interface. */
    readonly version: 1;
    /** The library's name. */
    readonly vendor: string;
    /** Answers the value as it is to be used, or what is wrong with it. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** For the compiler alone. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** The value, or what is wrong with it. */
export type SchemaResult<Output> =
  | {
      /** What the schema made of it. */
      readonly value: Output;
      /** None. */
      readonly issues?: undefined;
    }
  | {
      /** One at least. */
      readonly issues: readonly SchemaIssue[];
    };

/** What is wrong with a value. */
export interface SchemaIssue {
  /** In the words of the library. */
  readonly message: string;
  /** Where in the value, from the outside inwards; undefined: the whole. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
