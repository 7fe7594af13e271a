/** Writes the few kinds of fields that DTM's messages have. What is empty is left out, as proto3 does. */
export class ProtobufWriter {
  readonly #bytes: number[] = [];
  readonly #pieces: Uint8Array[] = [];

  text(field: number, value: string): this {
    return value === '' ? this : this.bytes(field, new TextEncoder().encode(value));
  }

  /** Bytes of one entry of a repeated field: there also if empty. */
  bytes(field: number, value: Uint8Array): this {
    this.#varint(field * 8 + 2);
    this.#varint(value.byteLength);
    this.#pieces.push(Uint8Array.from(this.#bytes.splice(0)), value);
    return this;
  }

  /** A whole number, 0 or greater. */
  integer(field: number, value: number): this {
    if (value === 0) return this;
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  map(field: number, entries: Readonly<Record<string, string>>): this {
    for (const [name, value] of Object.entries(entries)) {
      this.message(field, new ProtobufWriter().text(1, name).text(2, value));
    }
    return this;
  }

  finish(): Buffer {
    return Buffer.concat([...this.#pieces, Uint8Array.from(this.#bytes)]);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes.push((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes.push(rest);
  }
}
