// What `npm run crash` says is worth as much as what it would notice: each loss is made here by hand.
import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { createLedger } from '../../local/crash/ledger.ts';
import { retryDeletes, stream } from '../../local/crash/load.ts';
import { settle, verify } from '../../local/crash/verify.ts';
import { localDefaults } from '../../local/settings.ts';
import { itemKey, toItem } from '../../src/posts/item.ts';
import { viewAws } from '../support/aws-view.ts';
import { importLabeler } from '../support/labeler.ts';
import { temporaryFolder } from '../support/local-bucket.ts';
import { openCloud, startServer } from '../support/service.ts';
import { photo } from '../support/whole-service.ts';

const id = (n: number) => `POST#01890000-0000-7000-8000-00000000000${n}`;
const limit = { timeout: 300_000 };
const [user, plainUser, stranger] = ['crash-0', 'crash-1', 'crash-2'];

test(
  'npm run crash finds what clients were told to be so, and names each way in which it is not',
  limit,
  async (t) => {
    const dataDir = await temporaryFolder(t);
    const cloud = await openCloud(t, { dataDir });
    const { url } = await startServer(t, cloud.env);
    Object.assign(process.env, cloud.env);
    cloud.onObjectCreated(await importLabeler());
    const ledger = createLedger();
    const { env } = cloud;
    const world = { url, env, dataDir, ledger, photo: await photo('chelsea'), kills: () => 0 };
    const verdict = async () => {
      const { more, findings } = await verify(world);
      return {
        more,
        ...Object.fromEntries(Object.entries(findings).filter(([, found]) => found.length > 0)),
      };
    };

    for (const [name, photos] of [
      [user, true],
      [plainUser, false],
    ] as const) {
      let left = 4;
      await stream(world, name, photos, () => left-- > 0);
    }
    const cutOff = ledger.entries.find((entry) => entry.photo && !entry.deleted);
    assert.ok(cutOff);
    cutOff.deleted = 'asked';
    await retryDeletes(world);
    await settle(dataDir);
    assert.deepEqual(await verdict(), { more: 0 });
    assert.equal(cutOff.deleted, 'acknowledged');
    assert.equal(ledger.acknowledged.posts, 8);

    // From here on nobody tidies up.
    cloud.onObjectCreated(async () => undefined);
    const aws = viewAws(env);
    const { region, credentials, table: TableName } = localDefaults;
    const client = new DynamoDBClient({ endpoint: env.AWS_ENDPOINT_URL_DYNAMODB ?? '', region, credentials });
    t.after(() => client.destroy());
    const write = (Item: Record<string, AttributeValue>) =>
      client.send(new PutItemCommand({ TableName, Item }));
    const post = { title: 't', body: 'b', createdAt: new Date().toISOString(), status: 'none' } as const;

    const lost = ledger.entries.find((entry) => entry.user === plainUser && !entry.deleted);
    assert.ok(lost);
    await client.send(new DeleteItemCommand({ TableName, Key: itemKey(lost.user, lost.id) }));
    await write(toItem({ ...post, user: cutOff.user, id: cutOff.id }));
    const labelled = ledger.entries.find((entry) => entry.photo && !entry.deleted);
    assert.ok(labelled?.photo);
    const { labels: _labels, ...unlabelled } = (await aws.item(labelled.user, labelled.id)) ?? {};
    await write(unlabelled);
    await appendFile(join(dataDir, 's3/dead-letters.jsonl'), '{}\n');
    const { title: _title, ...ghost } = toItem({ ...post, user: plainUser, id: id(1) });
    await write(ghost);
    await write(toItem({ ...post, user: stranger, id: id(2) }));
    const { shard: _shard, ...unindexed } = toItem({ ...post, user: plainUser, id: id(3) });
    await write(unindexed);
    const unnamed = toItem({ ...post, user: plainUser, id: id(4), status: 'labelled' });
    await write({ ...unnamed, labels: { L: [{ S: 'Cat' }] } });
    const orphan = `${user}/${cutOff.id.slice('POST#'.length)}/orphan.jpg`;
    await aws.put(orphan, 'a photo');
    const left = `${user}/${cutOff.id.slice('POST#'.length)}/left/320.webp`;
    await aws.putRendition(left, 'pixels');

    assert.deepEqual(await verdict(), {
      more: 3,
      'posts lost': [lost.id],
      'deletes undone': [cutOff.id],
      'photos without label or error': [labelled.photo],
      'dead letters': ['{}'],
      ghosts: [id(1)],
      'posts that lists miss': [id(2)],
      'posts that the index misses, or has too many': [id(3)],
      'posts that a label of theirs does not lead to': [id(4)],
      'objects that no post shows': [orphan],
      'renditions that no post shows': [left],
    });
  },
);
