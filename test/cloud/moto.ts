import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';

const motoServer = new URL('../../.cache/venv/bin/moto_server', import.meta.url).pathname;
const region = 'eu-west-1';

/** Starts moto, an emulator of AWS with an EC2 whose Auto Scaling groups have instances. It ends with the test. */
export async function startMoto(t: TestContext) {
  const port = await freePort();
  const moto = spawn(motoServer, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const exited = once(moto, 'exit');
  t.after(async () => {
    moto.kill();
    await exited;
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await Promise.race([
    answers(`${endpoint}/moto-api/`),
    exited.then(() => Promise.reject(new Error('moto ended'))),
  ]);

  async function send(service: string, headers: Record<string, string>, body: string | URLSearchParams) {
    const scope = `test/20260101/${region}/${service}/aws4_request`;
    // moto reads from it which service is meant, and checks nothing.
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
    const response = await fetch(endpoint, { method: 'POST', headers: { authorization, ...headers }, body });
    const answer = await response.text();
    if (!response.ok) throw new Error(answer);
    return answer;
  }

  /** Calls an API that answers XML; whitespace between elements is left out. */
  async function query(service: string, version: string, parameters: Record<string, string>) {
    const xml = await send(service, {}, new URLSearchParams({ Version: version, ...parameters }));
    return xml.replaceAll(/>\s+</g, '><');
  }

  /** @returns the ARN of a new certificate */
  async function certificate(): Promise<string> {
    const headers = { 'x-amz-target': 'CertificateManager.RequestCertificate' };
    const answer = await send('acm', headers, JSON.stringify({ DomainName: 'postagram.example' }));
    return /"CertificateArn": *"([^"]+)"/.exec(answer)?.[1] ?? '';
  }

  return { endpoint, region, query, certificate };
}

/** Waits, at most 120 s, until something answers HTTP. */
async function answers(url: string): Promise<void> {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(100))
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
  throw new Error(`${url} does not answer`);
}

/** Texts of all elements of a name. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text);
}
