"""Starts MiniStack, taught one thing it lacks: the public SSM parameter of Amazon's newest arm64 image.

Its value is read from a file at every look, so that a test can publish a new image as Amazon does.
"""

import os

import ministack.services.ssm as ssm
from ministack.app import main

NAME = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"


class Parameters(dict):
    def get(self, name, default=None):
        if name != NAME:
            return super().get(name, default)
        with open(os.environ["NEWEST_IMAGE_FILE"]) as file:
            return file.read().strip()


ssm._PUBLIC_AMI_PARAMETERS = Parameters(ssm._PUBLIC_AMI_PARAMETERS)
main()
