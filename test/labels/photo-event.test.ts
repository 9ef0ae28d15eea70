import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recordsOf } from '../../src/aws/object-event.ts';
import { parseRecord } from '../../src/labels/photo-event.ts';

const UUID = '0190f0f0-0000-7000-8000-000000000000';
const PHOTO = '0190f0f0-1111-7111-8111-111111111111';
const recordOf = (object: object, more: object = {}) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'eu-west-3',
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: 'images', arn: 'arn:aws:s3:::images' }, object },
  ...more,
});

describe('the photo in a record', () => {
  it('has bucket, key, version, size, sequencer and post', () => {
    const key = `Zo%C3%AB+M%C3%BCller/${UUID}/${PHOTO}a+b%2Bc%23%C3%A9.jpg`;
    const photo = parseRecord(
      recordOf({ key, size: 1024, versionId: 'v1', sequencer: '0055AED6DCD90281E5' }),
    );
    assert.deepEqual(
      { ...photo, sequencer: undefined },
      {
        bucket: 'images',
        key: `Zoë Müller/${UUID}/${PHOTO}a b+c#é.jpg`,
        version: 'v1',
        size: 1024,
        sequencer: undefined,
        user: 'Zoë Müller',
        id: `POST#${UUID}`,
        photoId: PHOTO,
      },
    );
  });

  it('has a sequencer that compares as a text, whatever its length', () => {
    // Each larger than the one before, as S3 compares them: padded right with zeros.
    const rising = [
      '',
      '00',
      '0055',
      '0055AE',
      '0055AED6DCD90281E5',
      '0055AED6DCD90281E500000001',
      '0056',
      'FF',
    ];
    const padded = rising.map((sequencer) => {
      const photo = parseRecord(recordOf({ key: `a/${UUID}/${PHOTO}`, sequencer }));
      assert.ok(photo);
      return photo.sequencer;
    });
    assert.deepEqual(padded.toSorted(), padded);
    assert.equal(padded[0], padded[1], '0, 00 and none are equal');
    assert.equal(new Set(padded.map(({ length }) => length)).size, 1);
  });

  it('needs neither size nor sequencer', () => {
    assert.equal(parseRecord(recordOf({ key: `a/${UUID}/${PHOTO}` }))?.size, 0);
  });

  it('has no version where the bucket keeps none', () => {
    for (const object of [{}, { versionId: null }])
      assert.equal(parseRecord(recordOf({ key: `a/${UUID}/${PHOTO}`, ...object }))?.version, undefined);
  });

  const key = `a/${UUID}/${PHOTO}cat.jpg`;
  const rows: Record<string, unknown> = {
    nothing: undefined,
    'no key': recordOf({ size: 1 }),
    'a size that is a text': recordOf({ key, size: '1' }),
    'another kind of event': recordOf({ key }, { eventName: 'ObjectRemoved:Delete' }),
    'no kind of event': recordOf({ key }, { eventName: undefined }),
    'a key that is no percent-encoding': recordOf({ key: `${key}%` }),
    'a slash that was encoded': recordOf({ key: `a/${UUID}/${PHOTO}x%2Fy` }),
  };
  for (const [what, record] of Object.entries(rows)) {
    it(`is not there: ${what}`, () => assert.equal(parseRecord(record), undefined));
  }
});

describe('the records of an event', () => {
  it('are given unread', () => assert.deepEqual(recordsOf({ Records: [1, null, {}] }), [1, null, {}]));

  for (const event of [
    undefined,
    null,
    'x',
    1,
    [],
    {},
    { Records: null },
    { Records: 'x' },
    { Records: {} },
  ]) {
    it(`are none in ${JSON.stringify(event)}`, () => assert.deepEqual(recordsOf(event), []));
  }
});
