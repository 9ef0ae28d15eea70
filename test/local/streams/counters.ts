/** A table with a stream and one consumer of it. */
export const counters = {
  name: 'counters',
  consumers: ['reader'],
  definition: {
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  },
} as const;
