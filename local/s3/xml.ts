import type { ServerResponse } from 'node:http';

export const XMLNS = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Sends a whole document; the caller ends the response. */
export function sendXml(res: ServerResponse, status: number, xml: string) {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
  res.writeHead(status, { 'Content-Type': 'application/xml', 'Content-Length': body.length }).write(body);
  return res;
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' } as const;

export function escapeXml(text: string): string {
  // Carriage returns and line feeds as numbers: a parser would fold them.
  return Object.entries(ENTITIES)
    .reduce((done, [char, entity]) => done.replaceAll(char, entity), text)
    .replaceAll(/[\r\n]/g, (char) => `&#${char.charCodeAt(0)};`);
}

export function unescapeXml(text: string): string {
  const named = new Map<string, string>(Object.entries(ENTITIES).map(([char, entity]) => [entity, char]));
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|\w+);/gi, (entity, hex?: string, decimal?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return named.get(entity) ?? entity;
  });
}
