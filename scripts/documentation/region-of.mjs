/**
 * The lines between `#region NAME` and `#endregion`, without their common indentation; empty where there are none. Examples in
 * documents are such regions of files that are compiled and run.
 *
 * @param {string} source @param {string} name
 */
export function regionOf(source, name) {
  const found = new RegExp(`^( *)// #region ${name}\n([^]*?)\n *// #endregion`, 'm').exec(source);
  const [, indentation = '', text = ''] = found ?? [];
  return text
    .split('\n')
    .map((line) => (line.startsWith(indentation) ? line.slice(indentation.length) : line))
    .join('\n');
}
