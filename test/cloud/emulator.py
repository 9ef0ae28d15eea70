"""Starts MiniStack, taught what it lacks:

- the public SSM parameter of Amazon's newest arm64 image. Its value is read from a file at every look, so that a test
  can publish a new image as Amazon does;
- which zones offer a type of instance: all but the first.
- credentials of the metadata service that belong to somebody: the role of the one instance profile there is;
- the same for a function: a key of its own, and for one with `Label` in its name the keys that the tests know, so that the
  label service can tell its signature;
- a dead letter that is the event as it was, as Lambda documents it: MiniStack writes the record of a destination;
- the condition key ec2:InstanceID, and which group of Auto Scaling a call that sets tags is about;
- TLS, as far as policies ask for it: every request counts as one that came by it.
"""

import hashlib
import json
import os
from urllib.parse import parse_qs

import ministack.app as app
import ministack.core.iam_actions as iam_actions
import ministack.core.lambda_runtime as lambda_runtime
import ministack.services.ec2 as ec2
import ministack.services.iam as iam
import ministack.services.imds as imds
import ministack.services.lambda_svc as lambda_svc
import ministack.services.sqs as sqs
import ministack.services.ssm as ssm
import ministack.services.sts as sts

NAME = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"


class Parameters(dict):
    def get(self, name, default=None):
        if name != NAME:
            return super().get(name, default)
        with open(os.environ["NEWEST_IMAGE_FILE"]) as file:
            return file.read().strip()


def offerings(_parameters):
    zones = [ec2._az_id_for_zone_name(ec2.get_region() + letter) for letter in "bc"]
    items = "".join(f"<item><location>{zone}</location></item>" for zone in zones)
    return ec2._xml(200, "DescribeInstanceTypeOfferingsResponse", f"<instanceTypeOfferingSet>{items}</instanceTypeOfferingSet>")


def act_as(role_arn, name, keys):
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    sts.register_session(
        keys["AWS_ACCESS_KEY_ID"],
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
            "UserId": f"{role}:{name}",
            "SecretAccessKey": keys["AWS_SECRET_ACCESS_KEY"],
            "SessionToken": keys["AWS_SESSION_TOKEN"],
        },
    )
    return keys


def instance_credentials():
    document = unowned()
    profiles = [profile for profile in iam._instance_profiles.values() if profile["Roles"]]
    keys = {
        "AWS_ACCESS_KEY_ID": document["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": document["SecretAccessKey"],
        "AWS_SESSION_TOKEN": document["Token"],
    }
    [role] = profiles[-1]["Roles"]
    act_as(iam._roles[role]["Arn"], "instance", keys)
    return document


def function_credentials(config):
    name = config["FunctionName"]
    keys = {key: os.environ[f"FUNCTION_{key[4:]}"] for key in KEYS}
    # Each function acts as its own role: only the one that labels may have the keys that the label service knows.
    if "Label" not in name:
        keys["AWS_ACCESS_KEY_ID"] = "ASIA" + hashlib.sha256(name.encode()).hexdigest()[:16].upper()
    return act_as(config["Role"], name, keys)


def dead_letter(target, function, event, result):
    route(target, function, event, result)
    body = json.dumps(event)
    sqs._queue_by_arn(target)["messages"][-1].update(body=body, md5_body=hashlib.md5(body.encode()).hexdigest())


def tag_context(service, action, body, *rest):
    context = untold(service, action, body, *rest)
    [instance] = parse_qs((body or b"").decode()).get("InstanceId.1", [None]) if service == "ec2" else [None]
    return {**context, "ec2:InstanceID": instance} if instance else context


def resource_arn(service, method, path, headers, body, params, region, account):
    [group] = parse_qs((body or b"").decode()).get("Tags.member.1.ResourceId", [None]) if service == "autoscaling" else [None]
    if group:
        return f"arn:aws:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/{group}"
    return extract_resource_arn(service, method, path, headers, body, params, region, account)


ec2._ACTION_MAP["DescribeInstanceTypeOfferings"] = offerings
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
unowned = imds._credentials_doc
imds._credentials_doc = instance_credentials
lambda_runtime.execution_credentials = lambda_svc.execution_credentials = function_credentials
route = lambda_svc._route_async_failure
lambda_svc._route_async_failure = dead_letter
ssm._PUBLIC_AMI_PARAMETERS = Parameters(ssm._PUBLIC_AMI_PARAMETERS)
extract_resource_arn = iam_actions.extract_resource_arn
iam_actions.extract_resource_arn = resource_arn
untold = iam_actions.request_tag_context
iam_actions.request_tag_context = tag_context
pin_request_origin = app.pin_request_origin
app.pin_request_origin = lambda address, _secure: pin_request_origin(address, True)
app.main()
