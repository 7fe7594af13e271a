import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { GrpcStatusError } from '../error-status.js';
import type { CallContext, Method } from '../method.js';
import { statusCode } from '../wire/status-code.js';

/** One row of a table of methods. */
export type MethodEntry = readonly [path: string, method: Method];

const readOptions = { readUnknownFields: false };

/** A unary method of a service: decodes what it is asked, encodes what it answers. */
export function unary<Input extends DescMessage, Output extends DescMessage>(
  method: DescMethod & { readonly input: Input; readonly output: Output },
  answer: (request: MessageShape<Input>, call: CallContext) => Promise<MessageInitShape<Output>>,
): MethodEntry {
  const { input, output } = method;
  return [
    pathOf(method),
    {
      kind: 'unary',
      answer: async (bytes, call) => toBinary(output, create(output, await answer(decodeMessage(input, bytes), call))),
    },
  ];
}

/** `/package.Service/Method`. */
export function pathOf({ parent, name }: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}

/** A message, or the status that says that it is none. */
export function decodeMessage<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes, readOptions);
  } catch (error) {
    throw new GrpcStatusError({
      code: statusCode.invalidArgument,
      message: `malformed ${schema.typeName}: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}
