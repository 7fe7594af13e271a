const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** The time that a `grpc-timeout` header leaves, in ms; undefined where it is no such header. */
export function parseCallTimeout(header: string): number | undefined {
  const found = /^(\d{1,8})([HMSmun])$/.exec(header);
  if (found === null) return undefined;
  const [, digits = '', unit = ''] = found;
  return Number(digits) * (unitMs[unit] ?? Number.NaN);
}

const digitsMax = 99_999_999;

/** A time in ms as a `grpc-timeout` header, which has eight digits. */
export function formatCallTimeout(ms: number): string {
  const whole = Math.max(0, Math.floor(ms));
  return whole <= digitsMax ? `${String(whole)}m` : `${String(Math.min(Math.floor(whole / 1000), digitsMax))}S`;
}
