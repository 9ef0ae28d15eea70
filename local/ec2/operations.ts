import { escapeXml } from '../s3/xml.ts';
import { Ec2Error } from './ec2-error.ts';
import { type Change, type Instance, type Instances, STATE_CODES, type State } from './instances.ts';

const OWNER = '000000000000';
const MAX_COUNT = 20;

/** Name → XML inside `<NAMEResponse>`; parameters as in EC2's query protocol, such as `InstanceId.1`. */
export const operations: Readonly<
  Record<string, (instances: Instances, parameters: URLSearchParams) => string>
> = {
  RunInstances(instances, parameters) {
    const count = Number(parameters.get('MaxCount') ?? 1);
    if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT)
      throw new Ec2Error('InvalidParameterValue', `MaxCount must be a whole number from 1 to ${MAX_COUNT}`);
    const imageId = parameters.get('ImageId');
    if (imageId === null)
      throw new Ec2Error('MissingParameter', 'The request must contain the parameter ImageId');
    const type = parameters.get('InstanceType') ?? 't2.micro';
    const made = Array.from({ length: count }, () =>
      instances.run({ imageId, type, tags: tagsOf(parameters) }),
    );
    return reservation(made);
  },

  DescribeInstances(instances, parameters) {
    const ids = listOf(parameters, 'InstanceId');
    const found = (ids.length > 0 ? instances.find(ids) : instances.all()).filter((one) =>
      filtersOf(parameters).every(({ name, values }) => values.includes(fieldOf(one, name) ?? '')),
    );
    const items = found.map((one) => `<item>${reservation([one])}</item>`);
    return `<reservationSet>${items.join('')}</reservationSet>`;
  },

  StartInstances: (instances, parameters) => changesXml(instances.start(chosen(parameters))),
  StopInstances: (instances, parameters) => changesXml(instances.stop(chosen(parameters))),
};

function chosen(parameters: URLSearchParams): string[] {
  const ids = listOf(parameters, 'InstanceId');
  if (ids.length === 0)
    throw new Ec2Error('MissingParameter', 'The request must contain the parameter InstanceId');
  return ids;
}

/** `Name.1`, `Name.2`, … */
function listOf(parameters: URLSearchParams, name: string): string[] {
  const list: string[] = [];
  for (let i = 1; parameters.has(`${name}.${i}`); i += 1) list.push(parameters.get(`${name}.${i}`) ?? '');
  return list;
}

function filtersOf(parameters: URLSearchParams) {
  const filters: { name: string; values: string[] }[] = [];
  for (let i = 1; parameters.has(`Filter.${i}.Name`); i += 1)
    filters.push({
      name: parameters.get(`Filter.${i}.Name`) ?? '',
      values: listOf(parameters, `Filter.${i}.Value`),
    });
  return filters;
}

function fieldOf({ id, state, tags }: Instance, filter: string): string | undefined {
  if (filter === 'instance-id') return id;
  if (filter === 'instance-state-name') return state;
  if (filter.startsWith('tag:')) return tags[filter.slice('tag:'.length)];
  throw new Ec2Error('InvalidParameterValue', `The filter '${filter}' is not known here`);
}

/** Of the first tag specification. */
function tagsOf(parameters: URLSearchParams): Record<string, string> {
  const tags: Record<string, string> = {};
  for (let i = 1; parameters.has(`TagSpecification.1.Tag.${i}.Key`); i += 1) {
    const at = `TagSpecification.1.Tag.${i}`;
    tags[parameters.get(`${at}.Key`) ?? ''] = parameters.get(`${at}.Value`) ?? '';
  }
  return tags;
}

const element = (name: string, text: string) => `<${name}>${escapeXml(text)}</${name}>`;
const stateXml = (name: string, state: State) =>
  `<${name}><code>${STATE_CODES[state]}</code>${element('name', state)}</${name}>`;

function reservation(instances: Instance[]): string {
  const id = element('reservationId', (instances[0]?.id ?? '').replace(/^i/, 'r'));
  const items = instances.map(instanceXml).join('');
  return `${id}${element('ownerId', OWNER)}<groupSet/><instancesSet>${items}</instancesSet>`;
}

function instanceXml({ id, imageId, type, tags, state }: Instance): string {
  const tagItems = Object.entries(tags).map(
    ([key, value]) => `<item>${element('key', key)}${element('value', value)}</item>`,
  );
  return [
    '<item>',
    element('instanceId', id),
    element('imageId', imageId),
    stateXml('instanceState', state),
    element('instanceType', type),
    `<tagSet>${tagItems.join('')}</tagSet>`,
    '</item>',
  ].join('');
}

function changesXml(changes: Change[]): string {
  const items = changes.map(
    ({ id, previous, current }) =>
      `<item>${element('instanceId', id)}${stateXml('currentState', current)}${stateXml('previousState', previous)}</item>`,
  );
  return `<instancesSet>${items.join('')}</instancesSet>`;
}
