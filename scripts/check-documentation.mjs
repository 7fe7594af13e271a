/** Checks that links in Markdown lead somewhere. That documents made from code are up to date, the packages' tests check. */
import { brokenLinks } from './documentation/broken-links.mjs';
import { root } from './workspace/root.mjs';

const problems = brokenLinks(root);
for (const problem of problems) console.error(problem);
console.log(`documentation: ${problems.length} links that lead nowhere`);
process.exitCode = problems.length === 0 ? 0 : 1;
