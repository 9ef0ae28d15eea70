import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { fromItem, type Item, itemKey, namesIn } from './item.ts';
import { foldLabel } from './label-names.ts';

/** Another writer of the same post comes between at the most so often. */
const MAX_TRIES = 10;

/** Labels whose names this process knows to be in the catalogue, ~100 bytes each. */
const MAX_KNOWN = 5_000;

/** What is read of a post to change its labels. */
const READ = ['id', 'user', 'key', 'sequencer', 'version', 'status', 'labels', 'labelRevision'];
const READ_EDITED = ['editedLabels', 'editedKey', 'editedSequencer'];

/** An update of a post that sets its labels, or takes them. */
export type Relabelling = {
  /** Of attributes by `#name`, with values by `:name`. */
  set: string[];
  remove?: readonly string[];
  /** When to refuse, whatever others write. */
  condition: string;
  values: Item;
  /** The labels that the post shows then. */
  labels: readonly string[];
  ReturnValues?: 'ALL_NEW' | 'ALL_OLD';
};

export type LabelIndex = ReturnType<typeof createLabelIndex>;

/** Where the entries of a label are, one for each post that has it. */
export const labelPartition = (label: string): string => `LABEL#${foldLabel(label)}`;

/** Where the names of all labels are, by their folded form. */
export const CATALOGUE = 'LABELS';

/**
 * Writes which posts have a label: an item for each, beside the posts. It is written before the post has the label and deleted after it
 * has lost it, so that no post is ever missing; whoever reads looks the post up, and what was left over shows nothing.
 * Each writer of a post's labels counts its `labelRevision` up, and nobody deletes what a later one wrote.
 * All methods throw the SDK's errors.
 * @param table of posts
 */
export function createLabelIndex(client: DynamoDBClient, table: string) {
  const known = new Set<string>();

  return {
    /**
     * Changes a post whose labels may change with it.
     * @param plan what to do with the post as it is: attributes of a photo and of labels; undefined for nothing
     * @returns the answer of DynamoDB; undefined when there is no such post, nothing to do, or the condition does not hold
     */
    async relabel(
      user: string,
      id: string,
      plan: (item: Item) => Relabelling | undefined,
    ): Promise<UpdateItemCommandOutput | undefined> {
      let written: readonly string[] = [];
      let refusedAt: number | undefined;
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const item = await read(user, id);
        if (!item) {
          // Nobody can make it again.
          await remove(user, id, written);
          return undefined;
        }
        const revision = Number(item.labelRevision?.N ?? 0);
        // Nobody came between: it was the writer's own condition.
        if (revision === refusedAt) return undefined;
        const planned = plan(item);
        if (!planned) return undefined;
        written = planned.labels;
        await add(user, id, planned.labels, revision + 1);
        const output = await update(user, id, planned, revision);
        if (output) {
          const now = new Set(planned.labels.map(foldLabel));
          const gone = fromItem(item).labels?.filter((label) => !now.has(foldLabel(label))) ?? [];
          await remove(user, id, gone, revision);
          return output;
        }
        refusedAt = revision;
      }
      throw new Error(
        `The labels of one post were changed ${MAX_TRIES} times while they were to be changed once.`,
      );
    },

    remove,
  };

  /** @param revision of the post with these labels: a later one has written its own */
  async function add(user: string, id: string, labels: readonly string[], revision: number): Promise<void> {
    await Promise.all(
      labels.map(async (label) => {
        await name(label);
        const entry = { ...entryKey(label, id), owner: { S: user }, revision: { N: String(revision) } };
        await unlessRefused(
          client.send(
            new PutItemCommand({
              TableName: table,
              Item: entry,
              ConditionExpression: 'attribute_not_exists(id) OR revision <= :revision',
              ExpressionAttributeValues: { ':revision': entry.revision },
            }),
          ),
        );
      }),
    );
  }

  /**
   * Deletes the entries of labels that a post no longer has.
   * @param revision of the post that had them last; without it, of a post that is gone, any
   */
  async function remove(
    user: string,
    id: string,
    labels: readonly string[],
    revision?: number,
  ): Promise<void> {
    await Promise.all(
      labels.map((label) =>
        unlessRefused(
          client.send(
            new DeleteItemCommand({
              TableName: table,
              Key: entryKey(label, id),
              // Somebody else's post of the same id is not this one.
              ConditionExpression: `#owner = :owner${revision === undefined ? '' : ' AND revision <= :revision'}`,
              ExpressionAttributeNames: { '#owner': 'owner' },
              ExpressionAttributeValues: {
                ':owner': { S: user },
                ...(revision !== undefined && { ':revision': { N: String(revision) } }),
              },
            }),
          ),
        ),
      ),
    );
  }

  /** Writes the name of a label into the catalogue: the last one who writes it says in which case it is shown. */
  async function name(label: string): Promise<void> {
    if (known.has(label)) return;
    const Item = { user: { S: CATALOGUE }, id: { S: foldLabel(label) }, label: { S: label } };
    await client.send(new PutItemCommand({ TableName: table, Item }));
    if (known.size >= MAX_KNOWN) known.clear();
    known.add(label);
  }

  async function read(user: string, id: string): Promise<Item | undefined> {
    const names = [...READ, ...READ_EDITED];
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: itemKey(user, id),
        ConsistentRead: true,
        ProjectionExpression: names.map((it) => `#${it}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(names.map((it) => [`#${it}`, it])),
      }),
    );
    return Item;
  }

  async function update(user: string, id: string, planned: Relabelling, revision: number) {
    const { remove: removed = [], values, ReturnValues } = planned;
    const sets = [...planned.set, '#labelRevision = :nextRevision'].join(', ');
    const UpdateExpression = `SET ${sets}${removed.length > 0 ? ` REMOVE ${removed.map((it) => `#${it}`).join(', ')}` : ''}`;
    const ConditionExpression =
      `attribute_exists(id) AND (attribute_not_exists(#labelRevision) OR #labelRevision = :revision) ` +
      `AND (${planned.condition})`;
    const numbers = { revision: { N: String(revision) }, nextRevision: { N: String(revision + 1) } };
    return unlessRefused(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: itemKey(user, id),
          UpdateExpression,
          ConditionExpression,
          // Some names are reserved words.
          ExpressionAttributeNames: namesIn(`${UpdateExpression} ${ConditionExpression}`),
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries({ ...values, ...numbers }).map(([it, value]) => [`:${it}`, value]),
          ),
          ReturnValues,
        }),
      ),
    );
  }
}

const entryKey = (label: string, id: string) => ({ user: { S: labelPartition(label) }, id: { S: id } });

async function unlessRefused<T>(sent: Promise<T>): Promise<T | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
