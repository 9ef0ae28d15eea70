import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Compiled } from '../build/compile.ts';
import { checkFleetSize, stackParameters, valuesOf } from '../cloudformation/parameters.ts';
import type { Choice, Values } from '../cloudformation/parameters.ts';
import { stackValues } from '../cloudformation/stack.ts';
import type { Session } from './session.ts';

/**
 * What a stack is deployed with: what is offered, and what has to be looked up in the account for it.
 * @param offers from the weakest to the strongest
 * @param given of these what flags say
 * @throws DeployFailure when it cannot be deployed like this
 */
export async function choicesFor(
  session: Session,
  { shape, find }: Compiled,
  stack: Stack | undefined,
  offers: readonly Values[],
  given: Values,
): Promise<Choice[]> {
  const now = stackValues(stack);
  const isNew = stack === undefined || stack.StackStatus === 'REVIEW_IN_PROGRESS';
  const values = valuesOf(stackParameters(shape, now, ...offers));
  const found = (await find?.(session, { given, values, isNew })) ?? {};
  const choices = stackParameters(shape, now, found, ...offers);
  checkFleetSize(choices);
  return choices;
}
