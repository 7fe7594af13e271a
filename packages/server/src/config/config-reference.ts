import { ignoredSettings } from './ignored-settings.js';
import type { Setting } from './setting.js';
import { settings } from './settings.js';

const used: readonly Setting<unknown>[] = Object.values<Setting<unknown>>(settings);

/** docs/configuration.md: written by this function, and compared with it by a test. */
export function configReference(): string {
  return [
    '# Configuration',
    '',
    '<!-- Generated from packages/server/src/config/settings.ts; `npx vitest run config-reference -u` writes it anew. -->',
    '',
    'A setting can be given by a flag of `tandem start`, by an environment variable, or in a YAML file. Flags win over the',
    'environment, the environment wins over the file, and what nobody says has the default below. The file is named by',
    '`--config FILE`, `-c FILE` or `TANDEM_CONFIG`. Members of a path such as `Store.Driver` are nested in the file:',
    '',
    '```yaml',
    'HttpPort: 36789',
    'Store:',
    '  Driver: sqlite',
    '  Folder: ./data',
    '```',
    '',
    "DTM's `conf.yml` and its environment variables work as they are. An empty variable counts as not given. Unknown flags",
    'and unknown names in the file are errors. Times are in seconds and may have fractions.',
    '',
    '## Settings',
    '',
    ...table([
      ['Path in the file', 'Environment', 'Flag', 'Kind', 'Default', 'Meaning'],
      ...used.map((setting) => [
        `\`${setting.path}\``,
        `\`${setting.environment}\``,
        `\`--${setting.flag}\``,
        setting.kind.label,
        defaultText(setting),
        setting.description,
      ]),
    ]),
    '',
    '## Accepted, and without effect',
    '',
    "DTM knows these; Tandem takes them, so that DTM's configuration can be used unchanged, says so in one log line each, and",
    'does nothing with them.',
    '',
    ...table([
      ['Path in the file', 'Environment', 'Why'],
      ...ignoredSettings.map(({ path, environment, ignoredBecause }) => [
        `\`${path}\``,
        `\`${environment}\``,
        ignoredBecause ?? '',
      ]),
    ]),
    '',
  ].join('\n');
}

const helpColumns = 100;
const helpIndent = ' '.repeat(6);

/** The flags of `tandem start` with their meaning, for the terminal. */
export function flagsHelp(): string {
  const flags = [
    '  --config FILE, -c FILE   (TANDEM_CONFIG)',
    `${helpIndent}YAML file with settings.`,
    ...used.flatMap((setting) => {
      const facts = `${setting.kind.label}, default ${defaultText(setting)}; ${setting.environment}`;
      const line = `  --${setting.flag} VALUE   (${facts})`;
      const head = line.length <= helpColumns ? [line] : [`  --${setting.flag} VALUE`, `${helpIndent}(${facts})`];
      return [...head, ...wrapped(setting.description)];
    }),
  ];
  return flags.join('\n').replaceAll('`', '');
}

/** A text in indented lines that fit the terminal. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = helpIndent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > helpColumns) {
      lines.push(line.trimEnd());
      line = helpIndent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

function defaultText({ kind, defaultValue }: Setting<unknown>): string {
  const shown = kind.show(defaultValue);
  if (shown === '' || shown === 'none') return 'none';
  return shown.includes(' ') ? shown : `\`${shown}\``;
}

/** Lines of a Markdown table, its columns padded as the formatter would. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [...lines.slice(0, 1), rule, ...lines.slice(1)];
}
