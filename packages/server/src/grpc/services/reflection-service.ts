import { create, toBinary, type DescFile, type DescService, type MessageInitShape } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import * as v1 from '../gen/grpc/reflection/v1/reflection_pb.js';
import * as v1alpha from '../gen/grpc/reflection/v1alpha/reflection_pb.js';
import type { MessageSink, OpenedStream } from '../method.js';
import { statusCode } from '../wire/status-code.js';
import { decodeMessage, pathOf, type MethodEntry } from './method-table.js';

type Answer = NonNullable<MessageInitShape<typeof v1.ServerReflectionResponseSchema>['messageResponse']>;

/** Server reflection in both of its versions, which differ in their package alone: what `grpcurl list` and `describe` ask. */
export function reflectionService(services: readonly DescService[]): readonly MethodEntry[] {
  const both = [v1, v1alpha].map(({ ServerReflection }) => ServerReflection as DescService);
  const known = new KnownSymbols([...services, ...both]);
  return both.map((service) => [
    `/${service.typeName}/ServerReflectionInfo`,
    { kind: 'stream', open: (sink: MessageSink) => openReflection(sink, known) },
  ]);
}

/** The path of the newer version, for those who list what is served. */
export const reflectionPath = pathOf(v1.ServerReflection.method.serverReflectionInfo);

function openReflection(sink: MessageSink, known: KnownSymbols): OpenedStream {
  return {
    message: (bytes) => {
      const request = decodeMessage(v1.ServerReflectionRequestSchema, bytes);
      const response = create(v1.ServerReflectionResponseSchema, {
        validHost: request.host,
        originalRequest: request,
        messageResponse: known.answer(request.messageRequest),
      });
      sink.send(toBinary(v1.ServerReflectionResponseSchema, response));
    },
    ended: () => {
      sink.end();
    },
    closed: () => undefined,
  };
}

/** Files by their names and by the full names of what is in them. */
class KnownSymbols {
  readonly #services: readonly DescService[];
  readonly #byName = new Map<string, DescFile>();
  readonly #bySymbol = new Map<string, DescFile>();

  constructor(services: readonly DescService[]) {
    this.#services = services;
    for (const { file } of services) this.#add(file);
  }

  answer(request: v1.ServerReflectionRequest['messageRequest']): Answer {
    switch (request.case) {
      case 'listServices': {
        const service = this.#services.map(({ typeName }) => ({ name: typeName }));
        return { case: 'listServicesResponse', value: { service } };
      }
      case 'fileByFilename':
        return fileAnswer(this.#byName.get(`${request.value.replace(/\.proto$/, '')}.proto`), request.value);
      case 'fileContainingSymbol':
        return fileAnswer(this.#bySymbol.get(request.value), request.value);
      case 'allExtensionNumbersOfType':
        return { case: 'allExtensionNumbersResponse', value: { baseTypeName: request.value, extensionNumber: [] } };
      case 'fileContainingExtension':
        return notFound(request.value.containingType);
      case undefined:
        return { case: 'errorResponse', value: { errorCode: statusCode.invalidArgument, errorMessage: 'no question' } };
    }
  }

  #add(file: DescFile): void {
    if (this.#byName.has(file.proto.name)) return;
    this.#byName.set(file.proto.name, file);
    for (const dependency of file.dependencies) this.#add(dependency);
    for (const { typeName } of [...file.messages, ...file.enums]) this.#bySymbol.set(typeName, file);
    for (const { typeName, methods } of file.services) {
      this.#bySymbol.set(typeName, file);
      for (const { name } of methods) this.#bySymbol.set(`${typeName}.${name}`, file);
    }
  }
}

/** The file and all that it imports, so that one question is enough. */
function fileAnswer(file: DescFile | undefined, asked: string): Answer {
  if (file === undefined) return notFound(asked);
  const files = new Set<DescFile>();
  const collect = (one: DescFile): void => {
    files.add(one);
    one.dependencies.forEach(collect);
  };
  collect(file);
  const fileDescriptorProto = [...files].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

function notFound(asked: string): Answer {
  const errorMessage = `not found: ${asked.slice(0, 200)}`;
  return { case: 'errorResponse', value: { errorCode: statusCode.notFound, errorMessage } };
}
