import * as v from 'valibot';
import { seen } from './seen.ts';

const image = v.object({ id: v.object({ S: v.string() }) });
const eventSchema = v.object({
  Records: v.array(v.object({ eventName: v.string(), dynamodb: v.object({ NewImage: image }) })),
});

export const handler = async (event: unknown): Promise<void> => {
  for (const { eventName, dynamodb } of v.parse(eventSchema, event).Records)
    seen.things.push(`${eventName} ${dynamodb.NewImage.id.S}`);
};
