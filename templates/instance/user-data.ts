import { arrival, drain } from '../drain-timing.ts';
import { nodeOptions } from '../node-options.ts';
import { logUnit, serverUnit } from './units.ts';

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
NODE_OPTIONS=${nodeOptions}\${PublicUrl}\${SignIn}
ENV

${serverUnit}
${logUnit}
systemctl daemon-reload
systemctl enable --now postagram-logs postagram

curl --silent --show-error --fail --output /dev/null --retry 60 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080/health

# The signal lets CloudFormation stop the instance that this one replaces. Before that the load balancer must have
# seen enough healthy answers.
sleep ${arrival}
`;
