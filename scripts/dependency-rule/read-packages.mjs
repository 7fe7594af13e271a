import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** @param {string} path relative to its package */
function isTestFile(path) {
  return /\.test\.[a-z]+$/.test(path) || path.startsWith('test/') || path.startsWith('scripts/');
}

/** @param {string} root @param {string} folder @returns {import('./violations.mjs').SourceFile[]} */
function sourceFiles(root, folder) {
  return ['src', 'test', 'bin', 'scripts']
    .filter((part) => existsSync(join(root, folder, part)))
    .flatMap((part) =>
      readdirSync(join(root, folder, part), { recursive: true, encoding: 'utf8' }).map((name) => `${part}/${name}`),
    )
    .filter((path) => /\.[cm]?[jt]s$/.test(path))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, folder, path), 'utf8');
      const imports = ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName);
      return { path: `${folder}/${path}`, isTest: isTestFile(path), imports };
    });
}

/** Every package of the workspace with its imports. @param {string} root @returns {import('./violations.mjs').Package[]} */
export function readPackages(root) {
  const folders = ['packages', 'examples']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .concat('simulation', 'torture', 'conformance')
    .filter((folder) => existsSync(join(root, folder, 'package.json')));
  return folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return {
      name: String(manifest.name).replace('@tandem/', ''),
      folder,
      dependencies: Object.keys(manifest.dependencies ?? {}),
      peerDependencies: Object.keys(manifest.peerDependencies ?? {}),
      devDependencies: Object.keys(manifest.devDependencies ?? {}),
      files: sourceFiles(root, folder),
    };
  });
}
