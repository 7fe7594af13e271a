import type { Setting } from '../config/setting.js';
import { settings, type Config } from '../config/settings.js';

/** The configuration as the log shows it: what differs from the defaults, secrets replaced. */
export function shownConfig(config: Config): Readonly<Record<string, unknown>> {
  const given = Object.entries<Setting<unknown>>(settings).flatMap(([name, setting]) => {
    const value = config[name as keyof Config];
    if (value === setting.defaultValue) return [];
    return [[setting.path, shown(setting, value)] as const];
  });
  return Object.fromEntries(given);
}

function shown({ isSecret, kind }: Setting<unknown>, value: unknown): string {
  if (!isSecret) return kind.show(value);
  return kind.redact?.(value) ?? '[redacted]';
}
