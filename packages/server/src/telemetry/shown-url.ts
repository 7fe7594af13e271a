// As gRPC's have it, without a scheme: `host:port/package.Service/Method`, or several hosts.
const grpc = /^[0-9A-Za-z._:,[\]-]+\/[\w.]+\/\w+$/;

/** A URL as logs may show it: without user, password, query and fragment, any of which may hold a secret. */
export function shownUrl(url: string): string {
  if (grpc.test(url)) return url.slice(0, 300);
  if (!url.includes('://') || !URL.canParse(url)) return '[not a URL]';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`.slice(0, 300);
}

/** A URL for an operator who has to know which branch it is: whole, but for the user and password. */
export function withoutCredentials(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}
