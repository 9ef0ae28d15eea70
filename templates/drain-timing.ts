/**
 * Every time that decides whether a restart loses a request, in seconds: load balancer, server and systemd have to agree.
 *
 * What Auto Scaling takes away (scaling in, an update, an instance it found unhealthy) leaves the target group first: the
 * load balancer sends it nothing new, waits for what is under way, `deregistration` at the most, and only then does the
 * instance shut down and the server hear SIGTERM. Its drain is then idle time.
 *
 * Whatever else stops a server (`systemctl restart`, a reboot, an instance terminated in EC2 itself) tells the server
 * alone: the load balancer finds out by /health, which is what `drain` waits for.
 */

/** How the load balancer looks at /health. `timeout` must be below `interval`. */
export const healthCheck = { interval: 10, timeout: 5, healthyAfter: 2, unhealthyAfter: 3 };

/**
 * From SIGTERM until the load balancer sends nothing any more: the first look comes within an interval, two more follow
 * an interval apart, and the last is over within its timeout: 3 × 10 + 5 = 35.
 */
export const drain = healthCheck.unhealthyAfter * healthCheck.interval + healthCheck.timeout;

/** For requests under way when the drain is over: LAST_REQUESTS of src/runtime/drain.ts. */
const lastRequests = 20;

/** Until systemd kills what does not end by itself: 35 + 20, and 5 to spare. */
export const stop = drain + lastRequests + 5;

/** For requests under way when an instance leaves the target group: what they get from the server, and 10 to spare. */
export const deregistration = lastRequests + 10;

/** After which the load balancer closes an idle connection. The server keeps them longer (server.ts): who sends must close. */
export const idle = 60;

/**
 * From a new server's first good answer until the load balancer has seen as many as it wants, 2 × 10 + 5, and 5 to spare
 * for the registration.
 */
export const arrival = healthCheck.healthyAfter * healthCheck.interval + healthCheck.timeout + 5;
