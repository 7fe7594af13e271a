/**
 * The API reference: one Markdown page for each entry of the packages that users import, made of the docstrings in their sources.
 *
 * What TypeDoc warns of (an export without a docstring, a link that leads nowhere, a type that is used and not exported) is collected,
 * for the check to fail on.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, Logger, LogLevel } from 'typedoc';
import { root } from '../workspace/root.mjs';

/** Whose entries are documented. */
const documented = ['client', 'testing'];

/** What must have a docstring: the entries, and all that has a name and can be imported or reached from an import. */
const mustBeDocumented = /** @type {const} */ ([
  'Module',
  'Variable',
  'Function',
  'Class',
  'Interface',
  'Property',
  'Method',
  'Accessor',
  'TypeAlias',
]);

/**
 * Steps in the computation of a type, which say nothing to readers.
 * @type {Readonly<Record<string, string[]>>}
 */
const intentionallyNotExported = {
  '@tandem/client': ['Fresh', 'With', 'Method', 'NotJson'],
  '@tandem/testing': ['faultWords'],
};

/** The path of each entry's source, with the name that it is imported by. */
function entries() {
  return documented
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .flatMap((folder) => {
      /** @type {{ name: string, exports: Record<string, Record<string, string>> }} */
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return Object.entries(manifest.exports).map(([entry, conditions]) => ({
        packageName: manifest.name,
        name: join(manifest.name, entry),
        source: join(folder, conditions['tandem-source'] ?? ''),
      }));
    });
}

class Complaints extends Logger {
  /** @type {string[]} */
  list = [];

  /** @override @param {string} message @param {LogLevel} level */
  log(message, level) {
    // The members of a literal inside a type are told of where the literal is.
    const isOfLiteral = /\.__type\S* .* does not have any documentation$/.test(message);
    if (level >= LogLevel.Warn && !isOfLiteral) this.list.push(message);
  }
}

/**
 * Writes the reference into a folder, in place of what is there.
 * @param {string} folder
 * @returns {Promise<string[]>} what is wrong with the docstrings, a sentence each
 */
export async function writeApiReference(folder) {
  const named = entries();
  /** @param {string} source */
  const nameOf = (source) => named.find((entry) => entry.source === source)?.name ?? source;
  const application = await Application.bootstrapWithPlugins({
    name: 'API reference',
    entryPoints: named.map(({ source }) => source),
    tsconfig: join(root, 'scripts', 'documentation', 'tsconfig.json'),
    plugin: ['typedoc-plugin-markdown'],
    readme: 'none',
    excludeExternals: true,
    excludePrivate: true,
    // Their lines would change with every commit.
    disableSources: true,
    validation: { notExported: true, invalidLink: true, notDocumented: true, invalidPath: true },
    requiredToBeDocumented: [...mustBeDocumented],
    outputs: [
      {
        name: 'markdown',
        path: folder,
        options: /** @type {Record<string, unknown>} */ ({
          router: 'module',
          hideBreadcrumbs: true,
          // Those of headings are counted wrongly where a method and a type are named alike.
          useHTMLAnchors: true,
          hidePageHeader: true,
          parametersFormat: 'table',
          interfacePropertiesFormat: 'table',
          classPropertiesFormat: 'table',
          typeDeclarationFormat: 'table',
          tableColumnSettings: { hideModifiers: true, hideInherited: true, hideOverrides: true },
          useCodeBlocks: true,
        }),
      },
    ],
  });
  const complaints = new Complaints();
  application.logger = complaints;
  const entryPoints = application.getEntryPoints() ?? [];
  const project = application.converter.convert(
    entryPoints.map((point) => ({ ...point, displayName: nameOf(point.sourceFile.fileName) })),
  );
  // Validation looks at one package: the project's.
  for (const name of new Set(named.map((entry) => entry.packageName))) {
    project.packageName = name;
    application.options.setValue('intentionallyNotExported', intentionallyNotExported[name] ?? []);
    application.validate(project);
  }
  await application.generateOutputs(project);
  return complaints.list;
}
