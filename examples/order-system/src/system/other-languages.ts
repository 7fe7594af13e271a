/**
 * The coupon service in Go and the payment service in Python, both with DTM's SDKs. The scripts of the repository build the one
 * and install what the other needs, once, into its cache.
 */
import { fileURLToPath } from 'node:url';

/** How to start a service written in another language, or what is missing for it. */
export type Program =
  { readonly language: string; readonly file: string; readonly args: readonly string[] } | { readonly missing: string };

/** Scripts run before anything is built, so they are no part of this package. */
interface GoScripts {
  readonly goNeeded: string;
  hasGo(): boolean;
  goProgram(name: string, folder: string): Promise<string>;
}

interface PythonScripts {
  readonly pythonNeeded: string;
  hasPython(): boolean;
  pythonWith(requirements: string): Promise<string>;
}

const scripts = new URL('../../../../scripts/languages/', import.meta.url);
const goFolder = fileURLToPath(new URL('../../go', import.meta.url));
const pythonFolder = new URL('../../python/', import.meta.url);

/** The coupon service. Builds it where its sources have not been built yet: about a minute the first time. */
export async function goCoupon(): Promise<Program> {
  const go = (await import(new URL('go.mjs', scripts).href)) as GoScripts;
  if (!go.hasGo()) return { missing: go.goNeeded };
  return { language: 'Go', file: await go.goProgram('coupon', goFolder), args: [] };
}

/** The payment service. Installs what it requires where that is not there yet. */
export async function pythonPayment(): Promise<Program> {
  const python = (await import(new URL('python.mjs', scripts).href)) as PythonScripts;
  if (!python.hasPython()) return { missing: python.pythonNeeded };
  const file = await python.pythonWith(fileURLToPath(new URL('requirements.txt', pythonFolder)));
  return { language: 'Python', file, args: ['-B', fileURLToPath(new URL('payment.py', pythonFolder))] };
}
