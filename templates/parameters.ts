import { Fn, Refs } from 'cloudform';
import type { Condition } from 'cloudform';

/** Parameters that both stacks take. An empty string means: not given. */
export const sharedParameters = {
  // Part of the image bucket's name.
  Stage: {
    Type: 'String',
    Description: 'Name of this copy of Postagram, such as dev or prod',
    AllowedPattern: '^([a-z][a-z0-9-]{0,13}[a-z0-9]|[a-z])$',
    ConstraintDescription: 'at most 15 of a-z, 0-9 and -, a letter first',
  },
  CorsOrigins: {
    Type: 'CommaDelimitedList',
    Default: '*',
    Description: 'Origins of web pages that may use the API and the image bucket',
    AllowedPattern: '^(\\*|https?://[A-Za-z0-9.:*-]+)$',
    ConstraintDescription: '* or origins such as https://example.org, separated by commas',
  },
  AlarmEmail: {
    Type: 'String',
    Default: '',
    Description: 'Address that alarms are mailed to; none are made without it',
    AllowedPattern: '^(|[^@\\s]+@[^@\\s]+)$',
  },
};

export const domainParameter = {
  Type: 'String',
  Default: '',
  Description: 'Name of the site; CertificateArn must be for it',
  AllowedPattern: '^(|([a-z0-9-]{1,63}\\.)+[a-z]{2,63})$',
};

/** Limits every role that a stack makes. No default: AWS's validator would take the empty string for a malformed ARN. */
export const boundaryParameter = {
  PermissionsBoundary: {
    Type: 'String',
    Description: 'A policy that limits what roles may do; empty: none',
    AllowedPattern: '^(|arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@/_-]+)$',
    ConstraintDescription: 'the ARN of a policy',
  },
};

/** The condition that goes with `boundaryParameter`. */
export const boundaryCondition: Record<string, Condition> = {
  HasBoundary: Fn.Not(Fn.Equals(Fn.Ref('PermissionsBoundary'), '')),
};

/** A role's property of this name, in a stack with both. */
export const permissionsBoundary = Fn.If('HasBoundary', Fn.Ref('PermissionsBoundary'), Refs.NoValue);
