/** A transaction's type in a user's word: `msg` is the wire's. */
export function typeName(type: string): string {
  return type === 'msg' ? 'message' : type;
}
