/**
 * Finds what breaks the dependency rule. Pure: packages and their imports in, sentences out.
 *
 * @typedef {object} SourceFile
 * @property {string} path relative to the repository
 * @property {boolean} isTest tests may use what their package declares for development
 * @property {readonly string[]} imports specifiers as written
 *
 * @typedef {object} Package
 * @property {string} name without scope
 * @property {string} folder relative to the repository
 * @property {readonly string[]} dependencies full names of what it needs to run
 * @property {readonly string[]} peerDependencies
 * @property {readonly string[]} devDependencies
 * @property {readonly SourceFile[]} files
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { arrows, composer, concreteStores, fits, pure, withoutDependencies } from './rule.mjs';

/** What tests of every package may use; the root declares it. */
const testTools = new Set(['vitest', 'fast-check']);

/** What suites fetch when they run, into folders of their own: nobody's dependency. */
const fetchedByTests = new Set(['@prisma/adapter-pg', '@prisma/adapter-mariadb']);

const scope = '@tandem/';

/** @param {string} fullName @returns {string | undefined} the name without scope, of ours only */
function ownName(fullName) {
  return fullName.startsWith(scope) ? fullName.slice(scope.length) : undefined;
}

/** @param {string} specifier @returns {string} the package that it names */
function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** @param {string} from @param {string} to */
function isAllowed(from, to) {
  const arrow = arrows.find((candidate) => fits(candidate.from, from));
  return from === to || (arrow?.to.some((pattern) => fits(pattern, to)) ?? false);
}

/** @param {Package} one @returns {string[]} */
function manifestViolations({ name, folder, dependencies, peerDependencies }) {
  const manifest = `${folder}/package.json`;
  const needed = [...dependencies, ...peerDependencies];
  const wrongWay = needed
    .flatMap((dependency) => ownName(dependency) ?? [])
    .filter((other) => !isAllowed(name, other))
    .map((other) => `${manifest}: ${name} must not depend on ${other}`);
  const foreign = dependencies
    .filter((dependency) => withoutDependencies.includes(name) && ownName(dependency) === undefined)
    .map((dependency) => `${manifest}: ${name} has no dependencies from outside, but names ${dependency}`);
  const hasArrow = arrows.some((arrow) => fits(arrow.from, name));
  return [...(hasArrow ? [] : [`${manifest}: the dependency rule does not know ${name}`]), ...wrongWay, ...foreign];
}

/** @param {Package} one @param {SourceFile} file @param {string} specifier @returns {string | undefined} */
function importViolation(one, file, specifier) {
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file.path), specifier);
    // The services that the scripts start are for the tests of every package.
    const isForTests = file.path.startsWith(`${one.folder}/test/`) && target.startsWith('scripts/');
    const isInside = target.startsWith(`${one.folder}/`) || isForTests;
    return isInside ? undefined : `leaves the package: '${specifier}'; import other packages by name`;
  }
  if (isBuiltin(specifier)) {
    return one.name === pure && !file.isTest ? `the protocol is pure and imports nothing: '${specifier}'` : undefined;
  }
  const imported = packageOf(specifier);
  const other = ownName(imported);
  if (!file.isTest && other !== undefined && !isAllowed(one.name, other)) {
    return `${one.name} must not import ${other}`;
  }
  const declared = [...one.dependencies, ...one.peerDependencies, ...(file.isTest ? one.devDependencies : [])];
  const isForTests = testTools.has(imported) || fetchedByTests.has(imported);
  const isKnown = other === one.name || declared.includes(imported) || (file.isTest && isForTests);
  return isKnown ? undefined : `imports ${imported}, which ${one.folder}/package.json does not declare`;
}

/** @param {Package} one @returns {string[]} */
function compositionViolations(one) {
  if (one.name !== composer) return [];
  const namesStore = (/** @type {string} */ specifier) => fits(scope + concreteStores, packageOf(specifier));
  const files = one.files.filter((file) => !file.isTest && file.imports.some(namesStore)).map((file) => file.path);
  return files.length > 1 ? [`concrete stores are named in more than one file: ${files.join(', ')}`] : [];
}

/** @param {readonly Package[]} packages @returns {string[]} */
export function violations(packages) {
  return packages.flatMap((one) => [
    ...manifestViolations(one),
    ...one.files.flatMap((file) =>
      file.imports.flatMap((specifier) => {
        const violation = importViolation(one, file, specifier);
        return violation === undefined ? [] : [`${file.path}: ${violation}`];
      }),
    ),
    ...compositionViolations(one),
  ]);
}
