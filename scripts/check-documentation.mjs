/** Checks that links in Markdown lead somewhere, and that what is generated from code is as the code would write it now. */
import { brokenLinks } from './documentation/broken-links.mjs';
import { staleDocuments } from './documentation/stale-documents.mjs';
import { root } from './workspace/root.mjs';

const problems = [...brokenLinks(root), ...(await staleDocuments(root))];
for (const problem of problems) console.error(problem);
console.log(`documentation: ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
