// Preloaded into a process (NODE_OPTIONS=--import): the names AWS gives to load balancers lead to 127.0.0.1 at
// LOAD_BALANCER_PORT, as the DNS and port 80 would lead to the load balancer.
import http from 'node:http';

const connect = http.Agent.prototype.createConnection;

http.Agent.prototype.createConnection = function (options, done) {
  const known = options.host?.endsWith('.elb.amazonaws.com');
  const there = known ? { ...options, host: '127.0.0.1', port: process.env.LOAD_BALANCER_PORT } : options;
  return connect.call(this, there, done);
};
