/** A table that nobody writes to: what Query, Scan and GetItem find in it, with DynamoDB's pages. */
import { itemOf, labelEntriesOf, type Item, type TableContent } from './data.ts';
import { matches, parseKeyCondition, type Attribute } from './expression.ts';

/** What the table operations use of a request. Anything else in it is refused, so that no contender is answered wrongly. */
export type Read = {
  TableName: string;
  IndexName?: string;
  Key?: Record<string, Attribute>;
  KeyConditionExpression?: string;
  ProjectionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, Attribute>;
  ExclusiveStartKey?: Record<string, Attribute>;
  ScanIndexForward?: boolean;
  Limit?: number;
};
/** What BatchGetItem uses of a request. */
export type BatchRead = { RequestItems: Record<string, { Keys: Record<string, Attribute>[] }> };
type Row = { item: Item; json: string; bytes: number };

/** A page ends with the item that reaches this size (DynamoDB's quota for Query and Scan). */
const pageBytes = 1024 * 1024;
const indexName = 'by-time';

/** Builds the table in memory. 100,000 posts take about 150 MB. */
export function createTable(content: TableContent) {
  const byUser = new Map<string, Row[]>();
  const byShard = new Map<string, Row[]>();
  /** The posts. Peers, which scan them, need not pass over the entries of labels, which only ours has. */
  const all: Row[] = [];
  for (let index = 0; index < content.count; index++) {
    const item = itemOf(index, content);
    const row = rowOf(item);
    append(byUser, String(item.user), row);
    append(byShard, String(item.shard), row);
    all.push(row);
    for (const entry of labelEntriesOf(item)) append(byUser, String(entry.user), rowOf(entry));
  }

  return {
    /** The answer to GetItem, as JSON text. */
    get(read: Read): string {
      const rows = byUser.get(text(read.Key?.user)) ?? [];
      const row = rows.find(({ item }) => item.id === text(read.Key?.id));
      return row ? `{"Item":${project(row, read)}}` : '{}';
    },

    /** The answer to BatchGetItem, as JSON text. */
    batchGet({ RequestItems }: BatchRead): string {
      const { Keys = [] } = RequestItems[content.name] ?? {};
      const found = Keys.flatMap(({ user, id }) => {
        const rows = byUser.get(text(user)) ?? [];
        return rows.find(({ item }) => item.id === text(id))?.json ?? [];
      });
      return `{"Responses":{"${content.name}":[${found.join()}]},"UnprocessedKeys":{}}`;
    },

    /** The answer to Query, by user or by the index by time, as JSON text. */
    query(read: Read): string {
      const [hash, partitions] =
        read.IndexName === indexName ? (['shard', byShard] as const) : (['user', byUser] as const);
      const conditions = parseKeyCondition(read);
      const partition = conditions.find(({ name, operator }) => name === hash && operator === '=');
      if (!partition) throw new TypeError(`Query condition missed key schema element: ${hash}`);
      const range = conditions.filter((condition) => condition !== partition);
      let rows = partitions.get(partition.value) ?? [];
      if (range.length > 0)
        rows = rows.filter(({ item }) => range.every((condition) => matches(item, condition)));
      if (read.ScanIndexForward === false) rows = rows.toReversed();
      return page(rows, read);
    },

    /** The answer to Scan, as JSON text. */
    scan(read: Read): string {
      if (read.IndexName) throw new TypeError('This table is not scanned by an index');
      return page(all, read);
    },
  };
}
export type Table = ReturnType<typeof createTable>;

/** The rows after ExclusiveStartKey, up to Limit or 1 MB, and LastEvaluatedKey when there may be more. */
function page(rows: Row[], read: Read): string {
  const start = read.ExclusiveStartKey
    ? rows.findIndex(({ item }) => isAt(item, read.ExclusiveStartKey)) + 1
    : 0;
  if (read.ExclusiveStartKey && start === 0) throw new TypeError('The provided starting key is invalid');
  const chosen: string[] = [];
  let bytes = 0;
  let last: Row | undefined;
  for (let index = start; index < rows.length; index++) {
    const row = rows[index];
    if (!row) break;
    chosen.push(project(row, read));
    bytes += row.bytes;
    if (chosen.length === read.Limit || bytes >= pageBytes) {
      last = row;
      break;
    }
  }
  const counts = `"Count":${chosen.length},"ScannedCount":${chosen.length}`;
  return `{${counts},"Items":[${chosen.join()}]${last ? `,"LastEvaluatedKey":${lastKey(last.item, read)}` : ''}}`;
}

function lastKey(item: Item, read: Read): string {
  const { user = '', id = '', shard = '' } = item;
  return JSON.stringify(toAttributes(read.IndexName ? { user, id, shard } : { user, id }));
}

function isAt(item: Item, key: Read['ExclusiveStartKey']): boolean {
  return item.id === text(key?.id) && item.user === text(key?.user);
}

function project(row: Row, { ProjectionExpression, ExpressionAttributeNames }: Read): string {
  if (!ProjectionExpression) return row.json;
  const names = ProjectionExpression.split(',').map((name) => name.trim());
  const wanted = new Set(names.map((name) => ExpressionAttributeNames?.[name] ?? name));
  return JSON.stringify(
    toAttributes(Object.fromEntries(Object.entries(row.item).filter(([name]) => wanted.has(name)))),
  );
}

function toAttributes(item: Item) {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attributeOf(value)]));
}

function attributeOf(value: Item[string]) {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  return { L: (value ?? []).map((element) => ({ S: element })) };
}

/** DynamoDB's size of an item: the UTF-8 bytes of names and values; a list adds 3 and each of its elements 1; a number has one for two digits and one more. */
function sizeOf(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => {
    const size =
      typeof value === 'string'
        ? Buffer.byteLength(value)
        : typeof value === 'number'
          ? Math.ceil(String(value).length / 2) + 1
          : value.reduce((listSum, element) => listSum + 1 + Buffer.byteLength(element), 3);
    return sum + Buffer.byteLength(name) + size;
  }, 0);
}

function text(attribute: Attribute | undefined): string {
  return attribute?.S ?? '';
}

function rowOf(item: Item): Row {
  return { item, json: JSON.stringify(toAttributes(item)), bytes: sizeOf(item) };
}

function append(partitions: Map<string, Row[]>, key: string, row: Row): void {
  const rows = partitions.get(key);
  if (rows) rows.push(row);
  else partitions.set(key, [row]);
}
