"""The assignment's own stack, written from its text: FastAPI and boto3."""

import os
import uuid
from pathlib import PurePath
from typing import Union

import boto3
from boto3.dynamodb.conditions import Key
from botocore.config import Config
from fastapi import FastAPI, Header
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel

bucket = os.environ["BUCKET"]
table = boto3.resource("dynamodb", config=Config(max_pool_connections=50)).Table(os.environ["DYNAMO_TABLE"])
s3_client = boto3.client("s3", config=Config(signature_version="s3v4"))

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])


class NewPost(BaseModel):
    title: str
    body: str


def image_url(key: str) -> str:
    return s3_client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=3600)


def public_post(item: dict) -> dict:
    post = {name: item.get(name) for name in ("id", "title", "body", "createdAt")}
    post["user"] = item["user"].removeprefix("USER#")
    if "key" in item:
        post["image"] = image_url(item["key"])
        post["label"] = post["labels"] = item["labels"]
    return post


def read_all(read, **arguments) -> list[dict]:
    """Follows LastEvaluatedKey: Query and Scan stop at 1 MB."""
    items = []
    while True:
        page = read(**arguments)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return [public_post(item) for item in items]
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def get_user_posts(user: str) -> list[dict]:
    return read_all(table.query, KeyConditionExpression=Key("user").eq(f"USER#{user}"), ScanIndexForward=False)


def get_all_posts() -> list[dict]:
    return read_all(table.scan)


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/posts", status_code=201)
async def post_a_post(post: NewPost, authorization: str = Header()):
    return table.put_item(
        Item={
            "user": f"USER#{authorization}",
            "id": f"POST#{uuid.uuid4()}",
            "title": post.title,
            "body": post.body,
        }
    )


@app.get("/posts")
async def get_posts(user: Union[str, None] = None):
    return get_user_posts(user) if user else get_all_posts()


@app.get("/signedUrlPut")
async def get_signed_url_put(filename: str, filetype: str, postId: str, authorization: str = Header()):
    object_name = f"{authorization}/{postId}/{uuid.uuid4()}{PurePath(filename).name}"
    url = s3_client.generate_presigned_url(
        "put_object",
        Params={"Bucket": bucket, "Key": object_name, "ContentType": filetype},
        ExpiresIn=3600,
    )
    return {"uploadURL": url, "objectName": object_name}
