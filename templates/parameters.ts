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
