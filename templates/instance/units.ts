import { Fn, Logs } from 'cloudform';
import { stop } from '../drain-timing.ts';

/** What the instances of a stage log: one stream for each, named by the instance. */
export function serverLogs(): Logs.LogGroup {
  return new Logs.LogGroup({
    LogGroupName: Fn.Join('/', ['/postagram', Fn.Ref('Stage'), 'server']),
    RetentionInDays: 30,
  });
}

/**
 * What systemd takes from a process that runs Node. V8 guards its machine code with memory protection keys where the
 * processor has them (`@pkey`); `MemoryDenyWriteExecute` stays off, because V8 writes machine code and runs it.
 */
const hardening = `CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
PrivateDevices=yes
PrivateTmp=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service @pkey
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
UMask=0077`;

/** The part of the user data that makes the server a unit. */
export const serverUnit = `cat >/etc/systemd/system/postagram.service <<'UNIT'
[Unit]
Description=Postagram
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/node-24 server.mjs
WorkingDirectory=/opt/postagram
EnvironmentFile=/etc/postagram.env
Restart=always
RestartSec=1
# Longer than the drain and the last requests.
TimeoutStopSec=${stop}
LimitNOFILE=65536

DynamicUser=yes
PrivateUsers=yes
${hardening}

[Install]
WantedBy=multi-user.target
UNIT
`;

/**
 * The part of the user data that ships the server's log: a unit that stops after the server, so that it has the server's
 * last words. A part of the script in user-data.ts, and written as that is.
 */
export const logUnit = `cat >/etc/postagram-logs.env <<'ENV'
AWS_REGION=\${AWS::Region}
LOG_GROUP=\${ServerLogs}
LOG_UNIT=postagram
NODE_OPTIONS=--max-old-space-size=128
ENV
# cloud-init keeps it there.
printf 'LOG_STREAM=%s\\n' "$(cat /var/lib/cloud/data/instance-id || hostname)" >>/etc/postagram-logs.env

cat >/etc/systemd/system/postagram-logs.service <<'UNIT'
[Unit]
Description=The log of Postagram, to CloudWatch Logs
Wants=network-online.target
After=network-online.target
Before=postagram.service
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/node-24 shipper.mjs
WorkingDirectory=/opt/postagram
EnvironmentFile=/etc/postagram-logs.env
Restart=always
RestartSec=5
# To the shipper alone: journalctl goes on reading for a second.
KillMode=mixed
TimeoutStopSec=10

DynamicUser=yes
SupplementaryGroups=systemd-journal
StateDirectory=postagram-logs
${hardening}

[Install]
WantedBy=multi-user.target
UNIT
`;
