import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Scope } from '../support/service.ts';
import { region } from './ministack.ts';

const run = promisify(execFile);

/**
 * TLS under Cognito's own name in front of an emulator, for a process that is to fetch the keys of a pool from there.
 * @param folder for key and certificate
 * @param target the emulator's URL
 * @returns the environment of the process: where the name leads, and that the certificate is trusted
 */
export async function startKeysOf(scope: Scope, folder: string, target: string) {
  const name = `cognito-idp.${region}.amazonaws.com`;
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
  await run('openssl', [...made, '-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', cert]);
  const server = createServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (incoming, response) => {
      const onward = request(target + incoming.url, { method: incoming.method });
      onward.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        pipeline(answer, response).catch(() => response.destroy());
      });
      pipeline(incoming, onward).catch(() => response.destroy());
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(async () => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      NODE_EXTRA_CA_CERTS: cert,
      COGNITO_PORT: String(port),
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'aws-names.mjs')}`,
    },
  };
}
