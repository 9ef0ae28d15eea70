import type { Stacks } from '../stacks.ts';

/**
 * Something that AWS needs of the templates and no emulator here shows: a claim about the compiled JSON, with the
 * change that breaks it.
 */
export interface Point {
  /** What holds, as docs/aws-only.md says it too. */
  claim: string;
  /** Where AWS documents it. */
  documentation: string;
  /** Throws an AssertionError when the claim does not hold. */
  check: (stacks: Stacks) => void;
  /** Changes the templates so that this claim, and no other, does not hold. */
  spoil: (stacks: Stacks) => void;
}

/** Root of CloudFormation's reference of resources and attributes. */
export const cloudFormation = 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference';
