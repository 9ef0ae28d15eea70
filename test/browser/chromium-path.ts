/** Where Debian's package puts it. */
export const CHROMIUM = '/usr/bin/chromium';
