/** Checks which way the packages' arrows point; exits with 1 and says where they do not. Needs installed packages. */
import { readPackages } from './dependency-rule/read-packages.mjs';
import { violations } from './dependency-rule/violations.mjs';
import { root } from './workspace/root.mjs';

const packages = readPackages(root);
const found = violations(packages);
for (const violation of found) console.error(violation);
const files = packages.reduce((sum, one) => sum + one.files.length, 0);
console.log(`dependency rule: ${packages.length} packages, ${files} files, ${found.length} violations`);
process.exitCode = found.length === 0 ? 0 : 1;
