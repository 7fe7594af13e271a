/** A URL as logs may show it: without user, password, query and fragment, any of which may hold a secret. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return '[not a URL]';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`.slice(0, 300);
}
