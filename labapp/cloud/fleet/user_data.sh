set -euo pipefail
# Turns a fresh Amazon Linux 2023 into a worker, and tells CloudFormation how that ended. In front of
# it stand LAB, STACK, REGION, BUCKET and what else is different in each fleet (see fleet.yaml).
log=/var/log/labapp-boot.log
exec > >(tee -a "$log") 2>&1
set -x
export AWS_DEFAULT_REGION="$REGION"
imds=${IMDS:-http://169.254.169.254/latest}
code=/opt/labapp
# Not /tmp, which is memory, of which the smallest instances have 1 GiB.
export TMPDIR=/var/tmp/labapp
install -d -m 700 "$TMPDIR"
python=$code/.venv/bin/python

# Called in a subshell, with which the silence ends: the log goes to the bucket, no token with it.
metadata() {
  set +x
  local token
  token=$(curl -sf -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$imds/api/token")
  curl -sf -m 5 -H "X-aws-ec2-metadata-token: $token" "$imds/meta-data/$1"
}

# Runs as labapp and with the worker's own environment.
as_labapp() { (cd "$code" && runuser -u labapp -- env -i $(cat /etc/labapp.env) "$@"); }

# An instance that cannot work is replaced at once: within the group's grace period, in which most
# boots end, it would be taken for well.
ended() {
  local code=$? id
  set +e
  if [ "$code" != 0 ]; then
    id=$(metadata instance-id)
    aws s3 cp "$log" "s3://$BUCKET/deploy/boot/$id.log"
    aws autoscaling set-instance-health --instance-id "$id" --health-status Unhealthy \
      --no-should-respect-grace-period
  fi
  /opt/aws/bin/cfn-signal -e "$code" --stack "$STACK" --resource Workers --region "$REGION"
}
trap ended EXIT

again() {
  local n
  for n in 1 2 3 4 5; do
    "$@" && return
    sleep $((n * 5))
  done
  return 1
}

again dnf install -y -q python3.11 python3.11-pip unzip aws-cfn-bootstrap
again aws s3 cp "s3://$BUCKET/$CODE" "$TMPDIR/code.zip"
echo "$SHA256  $TMPDIR/code.zip" | sha256sum -c -
id labapp || useradd --system --home-dir /var/lib/labapp --shell /sbin/nologin labapp
rm -rf "$code"
install -d "$code"
unzip -oq "$TMPDIR/code.zip" -d "$code"

python3.11 -m venv "$code/.venv"
from=
if [ -n "$WHEELS" ]; then
  again aws s3 cp "s3://$BUCKET/$WHEELS" "$TMPDIR/wheels.zip"
  unzip -oq "$TMPDIR/wheels.zip" -d "$TMPDIR/wheels"
  from="--no-index --find-links $TMPDIR/wheels"
fi
again "$python" -m pip install -q --no-cache-dir --only-binary :all: --require-hashes $from \
  -r "$code/worker.lock"
"$python" -m compileall -q "$code/labapp"
rm -rf "$TMPDIR"
unset TMPDIR

cat > /etc/labapp.env <<END
LABAPP_CLOUD=aws
AWS_REGION=$REGION
LABAPP_BUCKET=$BUCKET
LABAPP_REQUEST_QUEUE=$REQUESTS
LABAPP_RESPONSE_QUEUE=$RESPONSES
LABAPP_IMAGE_INBOX=$INBOX
LABAPP_IMAGE_OUTBOX=$OUTBOX
LABAPP_DATA_DIR=/var/lib/labapp
HOME=/var/lib/labapp
FLEET_GROUP=$LAB-workers
FLEET_HOOK=drain
$(printf '%s\n' $SETTINGS)
END
for unit in labapp.service labapp-guard.service; do
  install -m 644 "$code/labapp/cloud/fleet/units/$unit" "/etc/systemd/system/$unit"
done
systemctl daemon-reload
systemctl enable --now labapp labapp-guard

for n in $(seq 90); do
  sleep 2
  if as_labapp "$python" server.py health; then exit 0; fi
done
journalctl -u labapp -n 50 --no-pager
exit 1
