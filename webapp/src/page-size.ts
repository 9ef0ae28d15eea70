/** Posts in a page of a list: the server allows 1 to 100. */
export const PAGE_SIZE = 20;
