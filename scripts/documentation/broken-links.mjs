/** Links of Markdown files that lead nowhere inside the repository. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const notOurs = new Set(['node_modules', 'dist', '.git', '.cache', 'data', 'coverage']);

/** @param {string} folder @returns {string[]} */
function markdownFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** The anchors that a Markdown renderer makes of its headings, numbered where they are alike, and those that are written out. @param {string} text */
function anchorsOf(text) {
  const prose = withoutCode(text);
  const anchors = new Set([...prose.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id));
  /** @type {Map<string, number>} */
  const seen = new Map();
  for (const [, heading = ''] of prose.matchAll(/^#+ +(.+?) *$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replace(/\[(.*?)\]\(.*?\)/g, '$1')
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    anchors.add(before === 0 ? anchor : `${anchor}-${before}`);
  }
  return anchors;
}

/** @param {string} text */
function withoutCode(text) {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

/** @param {string} file @param {string} link */
function leadsSomewhere(file, link) {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : join(dirname(file), decodeURIComponent(path));
  if (!existsSync(target)) return false;
  if (anchor === undefined || !target.endsWith('.md') || statSync(target).isDirectory()) return true;
  return anchorsOf(readFileSync(target, 'utf8')).has(anchor);
}

/** @param {string} root @returns {string[]} one sentence each */
export function brokenLinks(root) {
  return markdownFiles(root).flatMap((file) => {
    const links = withoutCode(readFileSync(file, 'utf8')).matchAll(/\]\(<?([^)>\s]+)>?(?: "[^"]*")?\)/g);
    return [...links]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(file, link))
      .map((link) => `${relative(root, file)}: leads nowhere: ${link}`);
  });
}
