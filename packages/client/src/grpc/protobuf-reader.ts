/** The fields of a message by their numbers, each in the order in which it came; numbers beyond 2^53 lose their last digits. */
export class ProtobufFields {
  readonly #bytes = new Map<number, Uint8Array[]>();

  /** Throws for what is no message. */
  constructor(message: Uint8Array) {
    let at = 0;
    const varint = (): number => {
      for (let value = 0, scale = 1; ; scale *= 0x80) {
        const byte = message[at];
        if (byte === undefined || scale > 2 ** 63) throw new RangeError('the answer is no message of protobuf');
        at += 1;
        value += (byte % 0x80) * scale;
        if (byte < 0x80) return value;
      }
    };
    const taken = (length: number): Uint8Array => {
      if (at + length > message.byteLength) throw new RangeError('the answer is cut off');
      at += length;
      return message.subarray(at - length, at);
    };
    while (at < message.byteLength) {
      const tag = varint();
      const [field, kind] = [Math.floor(tag / 8), tag % 8];
      if (kind === 0) varint();
      else if (kind === 1) taken(8);
      else if (kind === 5) taken(4);
      else if (kind === 2) this.#bytes.set(field, [...(this.#bytes.get(field) ?? []), taken(varint())]);
      else throw new RangeError('the answer is no message of protobuf');
    }
  }

  bytes(field: number): Uint8Array {
    return this.#bytes.get(field)?.at(-1) ?? new Uint8Array();
  }

  text(field: number): string {
    return new TextDecoder().decode(this.bytes(field));
  }

  /** Undefined where it is not there. */
  message(field: number): ProtobufFields | undefined {
    return this.messages(field).at(-1);
  }

  messages(field: number): readonly ProtobufFields[] {
    return (this.#bytes.get(field) ?? []).map((bytes) => new ProtobufFields(bytes));
  }
}
