import { Fn, Logs } from 'cloudform';

/** What the instances of a stage log: one stream for each, named by the instance. */
export function serverLogs(): Logs.LogGroup {
  return new Logs.LogGroup({
    LogGroupName: Fn.Join('/', ['/postagram', Fn.Ref('Stage'), 'server']),
    RetentionInDays: 30,
  });
}

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
CapabilityBoundingSet=
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
UMask=0077

[Install]
WantedBy=multi-user.target
UNIT
`;
