// Preloaded into a process (NODE_OPTIONS=--import): the names AWS gives to load balancers, and those under
// example.org, lead to 127.0.0.1 at LOAD_BALANCER_PORT, as the DNS and port 80 would lead to the load balancer.
import net from 'node:net';

const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...args) {
  // net.connect hands its arguments over as one list, whose first entry are the options.
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (/\.elb\.amazonaws\.com$|\.example\.org$/.test(options.host)) {
    Object.assign(options, { host: '127.0.0.1', port: process.env.LOAD_BALANCER_PORT });
  }
  return connect.apply(this, args);
};
