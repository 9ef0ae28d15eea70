// Preloaded into a process (NODE_OPTIONS=--import): names lead to ports of 127.0.0.1, as the DNS would lead to AWS. Those that
// AWS gives to load balancers, and those under example.org, to LOAD_BALANCER_PORT; Cognito's to COGNITO_PORT.
import net from 'node:net';

const { LOAD_BALANCER_PORT, COGNITO_PORT } = process.env;
const places = [
  [/\.elb\.amazonaws\.com$|\.example\.org$/, LOAD_BALANCER_PORT],
  [/^cognito-idp\.[a-z0-9-]+\.amazonaws\.com$/, COGNITO_PORT],
];
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  // net.connect hands its arguments over as one list, whose first entry are the options.
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const port = places.find(([names]) => names.test(options.host))?.[1];
  if (port !== undefined) Object.assign(options, { host: '127.0.0.1', port });
  return connect.apply(this, args);
};
