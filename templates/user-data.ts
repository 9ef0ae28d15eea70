import { arrival, drain, stop } from './drain-timing.ts';
import { logUnit } from './log-unit.ts';
import { nodeOptions } from './node-options.ts';

/**
 * What an instance does at its first start, as cloud-init runs it: install Node, fetch the bundle by its hash, start
 * it, wait until it answers, tell CloudFormation. `${Name}` is filled in by Fn::Sub; the script's own variables
 * therefore go without braces.
 */
export const userData = `#!/bin/bash
set -euo pipefail

# Success or not, CloudFormation hears of it: a silent instance would hold up the deployment until its timeout.
signal() {
  status=$?
  trap - EXIT
  if [ "$status" -ne 0 ]; then
    systemctl status postagram --no-pager || true
    journalctl -u postagram -n 50 --no-pager || true
  fi
  if ! command -v cfn-signal >/dev/null; then
    PATH="$PATH:/opt/aws/bin"
  fi
  cfn-signal --exit-code "$status" --stack '\${AWS::StackName}' --resource Fleet --region '\${AWS::Region}'
  exit "$status"
}
trap signal EXIT
# Otherwise the status would be that of whatever was interrupted.
trap 'exit 143' HUP INT TERM

# Mirrors have bad minutes.
again() {
  for pause in 2 5 10 20; do
    "$@" && return
    sleep "$pause"
  done
  "$@"
}

# First what the signal needs.
again dnf install -y aws-cfn-bootstrap
again dnf install -y nodejs24

install -d /opt/postagram
cd /opt/postagram
again aws s3 cp --only-show-errors 's3://\${ArtifactsBucket}/\${BundleKey}' bundle.tar.gz --region '\${AWS::Region}'
echo '\${BundleSha256}  bundle.tar.gz' | sha256sum --check --quiet
tar --extract --gzip --no-same-owner --no-same-permissions --file bundle.tar.gz

cat >/etc/postagram.env <<'ENV'
PORT=8080
BUCKET=\${Bucket}
RENDITIONS_BUCKET=\${Renditions}
DYNAMO_TABLE=\${Table}
AWS_REGION=\${AWS::Region}
CORS_ORIGINS=\${CorsOriginList}
DRAIN_SECONDS=${drain}
TRUSTED_PROXIES=1
NODE_ENV=production
LOG_LEVEL=info
NODE_OPTIONS=${nodeOptions}\${SignIn}
ENV

cat >/etc/systemd/system/postagram.service <<'UNIT'
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
PrivateUsers=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
# V8 guards its machine code with memory protection keys where the processor has them.
SystemCallFilter=@system-service @pkey
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
UMask=0077
# MemoryDenyWriteExecute stays off: V8 writes machine code and runs it.

[Install]
WantedBy=multi-user.target
UNIT

${logUnit}
systemctl daemon-reload
systemctl enable --now postagram-logs postagram

curl --silent --show-error --fail --output /dev/null --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/health

# The signal lets CloudFormation stop the instance that this one replaces. Before that the load balancer must have
# seen enough healthy answers.
sleep ${arrival}
`;
