import { type Handler, HttpError, type Routes } from './call.ts';

/** What the table of routes says of a request. */
export type Match = {
  /** The pattern of the path; absent when no route has this path. */
  route?: string;
  params: Record<string, string>;
  /** Absent when the path is known but not by this method. */
  handler?: Handler;
  /** Methods of this path. */
  allowed: string[];
};

/**
 * @param routes `'METHOD /path/:param'` → handler; a `:param` is one segment; GET answers HEAD too
 * @returns a function from method and path to what the table says
 */
export function compileRoutes(routes: Routes): (method: string, path: string) => Match {
  const compiled = Object.entries(routes).map(([key, handler]) => {
    const [method = '', route = ''] = key.split(' ');
    return {
      methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
      route,
      segments: route.split('/'),
      handler,
    };
  });

  return (method, path) => {
    const found: Match = { params: {}, allowed: [] };
    const actual = path.split('/');
    for (const { methods, route, segments, handler } of compiled) {
      if (!fits(segments, actual)) continue;
      found.route = route;
      found.allowed.push(...methods);
      if (!methods.includes(method)) continue;
      found.handler = handler;
      found.params = paramsOf(segments, actual);
      return found;
    }
    return found;
  };
}

function fits(pattern: string[], actual: string[]): boolean {
  return (
    pattern.length === actual.length &&
    pattern.every((segment, i) => (segment.startsWith(':') ? actual[i] !== '' : segment === actual[i]))
  );
}

/** @throws HttpError 400 when a segment is not valid percent-encoding */
function paramsOf(pattern: string[], actual: string[]): Record<string, string> {
  try {
    return Object.fromEntries(
      pattern.flatMap((segment, i) =>
        segment.startsWith(':') ? [[segment.slice(1), decodeURIComponent(actual[i] ?? '')]] : [],
      ),
    );
  } catch {
    throw new HttpError(400, 'The path is not valid percent-encoding.');
  }
}
