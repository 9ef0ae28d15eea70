import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { roleArn } from '../../deploy/account.ts';
import { DeployFailure, explain } from '../../deploy/cloudformation/failure.ts';
import { readOptions } from '../../deploy/terminal/options.ts';
import { mergeEnvironment } from '../../deploy/commands/outputs.ts';
import {
  architectureOf,
  checkFleetSize,
  flagParameters,
  stackParameters,
  valuesOf,
} from '../../deploy/cloudformation/parameters.ts';
import { regionNote, rekognitionRegions, requireRekognition } from '../../deploy/regions.ts';
import { showPlan } from '../../deploy/terminal/show.ts';
import { createTerminal } from '../../deploy/terminal/terminal.ts';

describe('the command line of deploy.ts', () => {
  const refused: [args: string, message: RegExp][] = [
    ['--bogus', /--bogus/],
    ['--stage', /--stage/],
    ['--stage=Prod', /--stage must be/],
    ['--stage=much-too-long-a-name', /--stage must be/],
    ['--region=Paris', /--region must be a region/],
    ['--role=a/b', /--role must be/],
    ['--instance-profile=a:b', /--instance-profile must be/],
    ['--vpc=10.0.0.0/16 --subnets=subnet-11111111,subnet-22222222', /--vpc must be/],
    ['--vpc=vpc-11111111', /--vpc and --subnets/],
    ['--subnets=subnet-11111111,subnet-22222222', /--vpc and --subnets/],
    ['--vpc=vpc-11111111 --subnets=subnet-11111111', /--subnets must be two or more/],
    ['--certificate=cert.pem', /--certificate must be/],
    ['--domain=Photos.example.org', /--domain must be a domain name/],
    ['--domain=https://photos.example.org', /--domain must be a domain name/],
    ['--domain=photos', /--domain must be a domain name/],
    ['--min=0', /--min must be a number from 1/],
    ['--max=1', /--max must be a number from 2/],
    ['--min=5 --max=3', /--min 5 is above --max 3/],
    ['--instance-type=large', /--instance-type must be/],
    ['--allow-cidr=203.0.113.0', /--allow-cidr must be/],
    ['--allow-cidr=203.0.113.300/24', /--allow-cidr must be/],
    ['--allow-cidr=203.0.113.0/33', /--allow-cidr must be/],
    ['--cors-origin=https://a.example/page', /--cors-origin must be/],
    ['--cors-origin=https://a.example,https://b.example', /--cors-origin must be/],
    ['--alarm-email=somebody', /--alarm-email must be/],
    ['--yes=true', /--yes/],
    ['--data', /--data belongs to/],
    ['down --dry-run', /--dry-run belongs to/],
    ['down --confirm-stage=dev', /--confirm-stage belongs to/],
    ['down --data --confirm-stage=other', /--confirm-stage other is not/],
    ['down --data --yes', /--yes is not enough for --data/],
    ['--permissions-boundary=limit', /--permissions-boundary must be the ARN of an IAM policy/],
    ['--tag=team', /--tag must be KEY=VALUE/],
    ['--tag=aws:team=a', /--tag must be KEY=VALUE, not starting with aws:/],
    ['logs --since=soon', /--since must be such as/],
    ['logs --of=/a', /--of must be such as/],
    ['--follow', /--follow belongs to/],
    ['down --of=server', /--of belongs to/],
    ['down --no-rollback', /--no-rollback belongs to/],
    ['--accounts', /--accounts needs --domain: the user pool must know the https address/],
    ['--lift-protection', /--lift-protection belongs to/],
    ['logs --dry-run', /--dry-run belongs to/],
    ['fly', /"fly" is no command/],
    ['up down', /"down" is too much/],
  ];
  for (const [args, message] of refused) {
    it(`refuses ${args} in one line`, () => {
      assert.throws(
        () => readOptions(args.split(' ')),
        (error: unknown) => {
          assert.ok(error instanceof DeployFailure);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        },
      );
    });
  }

  it('means up of the stage dev without any word', () => {
    const { command, stage, yes, data } = readOptions([]);
    assert.deepEqual({ command, stage, yes, data }, { command: 'up', stage: 'dev', yes: false, data: false });
  });

  it('turns flags into parameters of the templates', () => {
    const line =
      '--stage=prod --role=LabRole --instance-profile=LabInstanceProfile --vpc=vpc-11111111 --subnets=subnet-11111111,subnet-22222222 --min=2 --max=6 --instance-type=c7i.large --allow-cidr=203.0.113.0/24 --cors-origin=https://a.example --cors-origin=https://b.example --alarm-email=ops@example.org --permissions-boundary=arn:aws:iam::123456789012:policy/limit --certificate=arn:aws:acm:eu-west-1:123456789012:certificate/0a1b --domain=photos.example.org';
    assert.deepEqual(flagParameters(readOptions(line.split(' '))), {
      Stage: 'prod',
      RoleArn: 'LabRole',
      InstanceProfile: 'LabInstanceProfile',
      VpcId: 'vpc-11111111',
      SubnetIds: 'subnet-11111111,subnet-22222222',
      CertificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/0a1b',
      Domain: 'photos.example.org',
      MinSize: '2',
      MaxSize: '6',
      InstanceType: 'c7i.large',
      ImageId: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
      AllowCidr: '203.0.113.0/24',
      CorsOrigins: 'https://a.example,https://b.example',
      AlarmEmail: 'ops@example.org',
      PermissionsBoundary: 'arn:aws:iam::123456789012:policy/limit',
    });
  });

  it('gives no parameter for a flag that is not given, and an empty one for an empty flag', () => {
    assert.deepEqual(flagParameters(readOptions(['--certificate='])), { Stage: 'dev', CertificateArn: '' });
  });
});

describe('the parameters of a stack', () => {
  const template = {
    Parameters: { Stage: {}, Table: {}, MinSize: { Default: 1 }, CertificateArn: { Default: '' } },
  };
  const choose = (now: object, ...offers: object[]) =>
    valuesOf(stackParameters(template, { ...now }, ...offers.map((offer) => ({ ...offer }))));
  const defaults = { Stage: '', Table: '', MinSize: '1', CertificateArn: '' };

  it('are only what the template declares, whatever is offered', () => {
    assert.deepEqual(choose({}, { Table: 'posts', RoleArn: 'x' }), { ...defaults, Table: 'posts' });
  });
  it('come from the last offer that has them', () => {
    assert.equal(choose({}, { Table: 'a' }, { Table: 'b' }, { Stage: 'c' }).Table, 'b');
  });
  it('stay what they are when nobody offers anything', () => {
    assert.equal(choose({ MinSize: '3' }).MinSize, '3');
    assert.deepEqual(
      stackParameters(template, { MinSize: '3' }).find(({ name }) => name === 'MinSize'),
      {
        name: 'MinSize',
        value: '3',
        from: 'stack',
      },
    );
  });
  it('go back to the default when they are offered empty', () => {
    assert.equal(choose({ MinSize: '3' }, { MinSize: '' }).MinSize, '1');
    assert.equal(choose({ CertificateArn: 'arn' }, { CertificateArn: '' }).CertificateArn, '');
  });
  it('that are secrets are made once, at random, and kept; shown they are never', () => {
    const secret = { Parameters: { Key: { NoEcho: true } } };
    const [first, second] = [stackParameters(secret, {}), stackParameters(secret, {})];
    assert.match(valuesOf(first).Key ?? '', /^[A-Za-z0-9+/]{43}=$/);
    assert.notEqual(valuesOf(first).Key, valuesOf(second).Key);
    const kept = { name: 'Key', value: '****', from: 'stack', secret: true };
    assert.deepEqual(stackParameters(secret, { Key: '****' }), [kept]);
    const given = { name: 'Key', value: 'mine', from: 'offer', secret: true };
    assert.deepEqual(stackParameters(secret, {}, { Key: 'mine' }), [given]);

    let said = '';
    const terminal = {
      ...createTerminal(process.stdout, process.stdin),
      heading: () => undefined,
      table: (rows: string[][]) => void (said += JSON.stringify(rows)),
    };
    const shape = { Resources: {} };
    for (const choices of [first, [{ ...kept, from: 'stack' as const, secret: true as const }]])
      showPlan(terminal, 'stack', { name: 'api', body: '{}', shape }, choices);
    assert.equal(said, '[][["Key","(a secret, made at random)"]][][["Key","(a secret)"]]');
  });
  it('are refused when the fleet would have to be larger than it may be', () => {
    const sizes = { Parameters: { MinSize: { Default: 1 }, MaxSize: { Default: 4 } } };
    assert.throws(
      () => checkFleetSize(stackParameters(sizes, {}, { MinSize: '5' })),
      /--min 5 .* maximum of 4/,
    );
    checkFleetSize(stackParameters(sizes, {}, { MinSize: '10', MaxSize: '10' }));
  });
});

describe('the architecture of an instance type', () => {
  const types = {
    arm64:
      't4g.small m7gd.large c7gn.xlarge im4gn.large is4gen.large a1.medium hpc7g.4xlarge g5g.xlarge r8gb.large',
    x86_64:
      't3.small t3a.micro m7i-flex.large g4dn.xlarge g6.xlarge c6id.large mac1.metal u-6tb1.metal p4d.24xlarge',
  };
  for (const [architecture, names] of Object.entries(types)) {
    it(`is ${architecture} for ${names}`, () => {
      for (const name of names.split(' ')) assert.equal(architectureOf(name), architecture, name);
    });
  }
});

describe('what deploy.ts tells', () => {
  it('refuses a region without Rekognition by name', () => {
    assert.throws(() => requireRekognition('eu-north-1'), /Rekognition is not offered in eu-north-1/);
    requireRekognition('eu-west-1');
  });

  it('takes a region for which there is no evidence, and says what is not known of it', () => {
    for (const region of ['ap-southeast-5', 'ap-southeast-7', 'us-gov-west-1']) {
      requireRekognition(region);
      assert.match(regionNote(region) ?? '', new RegExp(`^${region} is accepted without evidence that`));
    }
    for (const region of rekognitionRegions.filter((one) => !/-[57]$|gov/.test(one)))
      assert.equal(regionNote(region), undefined, region);
  });

  const errors: [name: string, message: string, told: RegExp][] = [
    [
      'CredentialsProviderError',
      'Could not load credentials from any providers',
      /^No AWS credentials found/,
    ],
    ['CredentialsProviderError', 'The SSO session associated with this profile has expired', /have expired/],
    ['ExpiredToken', 'The security token included in the request is expired', /have expired/],
    ['ExpiredTokenException', 'expired', /have expired/],
    ['RequestExpired', 'Request has expired', /clock/],
    ['InvalidClientTokenId', 'The security token included in the request is invalid', /does not accept/],
    ['SignatureDoesNotMatch', 'The request signature we calculated does not match', /does not accept/],
    ['Error', 'Region is missing', /^No AWS region\. Give --region/],
    ['AccessDenied', 'User: x is not authorized to perform: iam:CreateRole', /iam:CreateRole/],
    [
      'AccessDenied',
      'User: arn:aws:sts::1:assumed-role/voclabs/user is not authorized to perform: cloudformation:DescribeStacks with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/voc-cancel-cred',
      /^The AWS Academy lab has ended/,
    ],
    [
      'OperationAborted',
      'A conflicting conditional operation is currently in progress against this resource.',
      /OperationAborted/,
    ],
    ['TimeoutError', 'socket hang up', /cannot be reached/],
  ];
  for (const [name, message, told] of errors) {
    it(`says what to do about ${name}: ${message}`, () => {
      assert.match(explain(Object.assign(new Error(message), { name })).message, told);
    });
  }

  it('makes an ARN of a role given by name, in the partition of the account', () => {
    const here = { account: '123456789012', partition: 'aws-us-gov' };
    assert.equal(roleArn('LabRole', here), 'arn:aws-us-gov:iam::123456789012:role/LabRole');
    assert.equal(roleArn('arn:aws:iam::1:role/A', here), 'arn:aws:iam::1:role/A');
    assert.equal(roleArn('', here), '');
  });

  const files: [before: string, after: string][] = [
    ['', 'BUCKET=b\n'],
    ['BUCKET=old\n', 'BUCKET=b\n'],
    ['# mine\nPORT=9\nBUCKET=old\nLOG_LEVEL=debug', '# mine\nPORT=9\nBUCKET=b\nLOG_LEVEL=debug\n'],
    ['MY_BUCKET=x\n', 'MY_BUCKET=x\nBUCKET=b\n'],
  ];
  for (const [before, after] of files) {
    it(`sets a name in .env.local and leaves the rest: ${JSON.stringify(before)}`, () => {
      assert.equal(mergeEnvironment(before, { BUCKET: 'b' }), after);
    });
  }
});
