import { expandFolders, folderWith, searchPath } from './find-programs.mjs';

/**
 * Programs that the machine already has.
 * @param {Pick<import('../service.mjs').Service, 'programs' | 'usualFolders' | 'notBeside'>} wanted
 * @returns {Promise<import('../service.mjs').Programs>}
 */
export async function installedPrograms({ programs, usualFolders, notBeside }) {
  const folder = folderWith([...usualFolders.flatMap(expandFolders), ...searchPath()], programs, notBeside);
  if (folder === undefined) throw new Error(`${programs.join(', ')}: not in PATH nor in ${usualFolders.join(', ')}`);
  return { folder, libraryFolders: [], origin: folder };
}
