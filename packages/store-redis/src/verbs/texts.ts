/** Replies of scripts, which the compiler does not know. */
export function textsOf(reply: unknown): readonly string[] {
  return Array.isArray(reply) ? reply.map(textOf) : [];
}

/** A text, or an empty one where Redis answered nothing. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}
