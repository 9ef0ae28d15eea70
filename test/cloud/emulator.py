"""Starts MiniStack, taught what it lacks:

- the public SSM parameter of Amazon's newest arm64 image. Its value is read from a file at every look, so that a test
  can publish a new image as Amazon does;
- which zones offer a type of instance: all but the first.
"""

import os

import ministack.services.ec2 as ec2
import ministack.services.ssm as ssm
from ministack.app import main

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


ec2._ACTION_MAP["DescribeInstanceTypeOfferings"] = offerings
ssm._PUBLIC_AMI_PARAMETERS = Parameters(ssm._PUBLIC_AMI_PARAMETERS)
main()
