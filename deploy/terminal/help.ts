import type { System } from '../system.ts';
import { flagHelp } from './system-flags.ts';

/** The text of `--help`; a service's ends with its own flags. */
export function help({ name, flags }: System): string {
  return flags ? `${text}\nFlags of ${name}\n${flagHelp(flags)}` : text;
}

const text = `Usage: npx tsx deploy.ts [command] [flags]

Commands
  up        validate, bundle and deploy all stacks, then wait for /health (default)
  diff      show what up would change; changes nothing
  outputs   print the outputs of the stacks and write outputs.json
  down      delete the stacks that hold no data; posts and photos are kept (see --data)
  logs      print what servers and labeler log (see --follow, --since, --of)
  policy    write the least IAM policy for whoever deploys this stage with these flags; asks AWS nothing
  relabel   give photos that could not be labelled to the labeler again (see --dry-run)

Flags
  --service NAME           a service of services/ in place of Postagram, with flags of its own: add --help
  --stage NAME             one deployment among several (dev)
  --region REGION          else AWS_REGION, else the AWS profile's
  --role NAME|ARN          existing role for Lambda and instances, e.g. LabRole (own role)
  --instance-profile NAME  existing instance profile, e.g. LabInstanceProfile (own profile)
  --vpc ID                 existing VPC; needs --subnets (own VPC)
  --subnets ID,ID          its public subnets, in two zones or more
  --certificate ARN        ACM certificate: HTTPS on 443, and 80 redirects to it (HTTP on 80)
  --domain NAME            the site's own name: a Route 53 record where its zone is yours, else told what to make
  --accounts               users sign in, at a Cognito user pool; needs --domain, and https there (names are believed)
  --min N, --max N         size of the fleet (1, 4)
  --instance-type TYPE     the processor architecture follows it
  --allow-cidr CIDR        who may reach the site (0.0.0.0/0)
  --cors-origin ORIGIN     origin of pages that may call the API; repeat for more (*)
  --alarm-email ADDRESS    alarms are sent there (no alarms)
  --permissions-boundary ARN  limit of the roles that are made (none)
  --tag KEY=VALUE          on stacks and all in them, instances and disks too; repeat for more (none)
  --no-rollback            leave what a failed deployment made, to be looked at
  --lift-protection        with down: delete even a stage that is protected, as prod is
  --follow, -f             with logs: go on until Ctrl-C
  --since DURATION         with logs: from how long ago on, such as 90s, 10m, 2h or 3d (10m)
  --of NAME                with logs: one log alone, such as server or labeler (all)
  --yes, -y                do not ask; required when there is no terminal
  --write-env              write BUCKET, DYNAMO_TABLE and AWS_REGION into .env.local
  --dry-run                compile, validate and plan; needs no credentials, sends nothing.
                           With relabel: say how many photos wait
  --data                   with down: delete posts, photos and all stacks as well
  --confirm-stage NAME     with down --data --yes: the stage's name once more, in place of typing it
  --help, -h               this text

A flag that is not given keeps the value the stack has; an empty one (--certificate '') sets it back.
Credentials come from where the AWS command line takes them; AWS_ENDPOINT_URL is respected.
Exit codes: 0 done or nothing to change, 1 failed or refused, 130 interrupted (run again to continue).
`;
