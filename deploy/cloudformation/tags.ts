import type { Stack, Tag } from '@aws-sdk/client-cloudformation';
import type { Compiled } from '../build/compile.ts';

/**
 * The tags of a stack: those that were given, all in place of what it has, else those it has. An empty one sets none.
 * @param given `KEY=VALUE` as on the command line
 */
export function stackTags(given: readonly string[] | undefined, stack: Stack | undefined): Tag[] {
  if (!given) return stack?.Tags ?? [];
  return given.filter(Boolean).map((tag) => {
    const at = tag.indexOf('=');
    return { Key: tag.slice(0, at), Value: tag.slice(at + 1) };
  });
}

/**
 * The template with the tags where CloudFormation does not bring them by itself: it gives a stack's tags to the stack's
 * resources, but instances and disks are made by what a launch template says.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-tags.html
 */
export function withTags(compiled: Compiled, tags: readonly Tag[]): string {
  if (tags.length === 0) return compiled.body;
  const template = JSON.parse(compiled.body) as Template;
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::EC2::LaunchTemplate') continue;
    const specifications = Properties?.LaunchTemplateData?.TagSpecifications ?? [];
    for (const specification of specifications) {
      const own = (specification.Tags ?? []).filter(({ Key }) => tags.every((tag) => tag.Key !== Key));
      specification.Tags = [...own, ...tags];
    }
  }
  return JSON.stringify(template);
}

/** As far as it matters here; what is compiled has it. */
interface Template {
  Resources: Record<
    string,
    {
      Type: string;
      Properties?: { LaunchTemplateData?: { TagSpecifications?: { Tags?: { Key?: unknown }[] }[] } };
    }
  >;
}
