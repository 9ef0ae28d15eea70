# Steps 5 to 7, the usage lines and the direct invocation of the workshop "API-driven infrastructure", word for word.
# In place of theirs: the zip (put where theirs would be), the runtime and the handler; {API_URL} is set as its README says. The AWS CLI
# of PyPI is version 1: it sends a payload as it stands and has no --cli-binary-format, which is left out.
aws ec2 run-instances \
  --image-id ami-ff0fea8310f3 \
  --count 1 \
  --instance-type t2.micro \
  --endpoint-url=$AWS_ENDPOINT

INSTANCE_ID=$(aws ec2 describe-instances \
  --endpoint-url=$AWS_ENDPOINT \
  --query 'Reservations[0].Instances[0].InstanceId' \
  --output text)
echo $INSTANCE_ID

cat > trust-policy.json << 'POLICY'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Service": "lambda.amazonaws.com"
      },
      "Action": "sts:AssumeRole"
    }
  ]
}
POLICY

aws iam create-role \
  --role-name lambda-ec2-role \
  --assume-role-policy-document file://trust-policy.json \
  --endpoint-url=$AWS_ENDPOINT

aws lambda create-function \
  --function-name ec2-control \
  --runtime nodejs24.x \
  --role arn:aws:iam::000000000000:role/lambda-ec2-role \
  --handler index.handler \
  --zip-file fileb://lambda-ec2-control/lambda_function.zip \
  --environment Variables="{INSTANCE_ID=$INSTANCE_ID}" \
  --timeout 30 \
  --endpoint-url=$AWS_ENDPOINT

API_ID=$(aws apigateway create-rest-api \
  --name 'EC2-Control-API' \
  --description 'API to control EC2 instances' \
  --endpoint-url=$AWS_ENDPOINT \
  --query 'id' \
  --output text)

ROOT_RESOURCE_ID=$(aws apigateway get-resources \
  --rest-api-id $API_ID \
  --endpoint-url=$AWS_ENDPOINT \
  --query 'items[0].id' \
  --output text)

RESOURCE_ID=$(aws apigateway create-resource \
  --rest-api-id $API_ID \
  --parent-id $ROOT_RESOURCE_ID \
  --path-part ec2 \
  --endpoint-url=$AWS_ENDPOINT \
  --query 'id' \
  --output text)

aws apigateway put-method \
  --rest-api-id $API_ID \
  --resource-id $RESOURCE_ID \
  --http-method POST \
  --authorization-type NONE \
  --endpoint-url=$AWS_ENDPOINT

aws apigateway put-integration \
  --rest-api-id $API_ID \
  --resource-id $RESOURCE_ID \
  --http-method POST \
  --type AWS_PROXY \
  --integration-http-method POST \
  --uri "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:ec2-control/invocations" \
  --endpoint-url=$AWS_ENDPOINT

aws lambda add-permission \
  --function-name ec2-control \
  --statement-id apigateway-access \
  --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com \
  --endpoint-url=$AWS_ENDPOINT

aws apigateway create-deployment \
  --rest-api-id $API_ID \
  --stage-name prod \
  --endpoint-url=$AWS_ENDPOINT

API_URL="$AWS_ENDPOINT/restapis/$API_ID/prod/_user_request_/ec2"

curl -X POST $API_URL \
  -H "Content-Type: application/json" \
  -d '{"action": "status"}'

curl -X POST $API_URL \
  -H "Content-Type: application/json" \
  -d '{"action": "stop"}'

curl -X POST $API_URL \
  -H "Content-Type: application/json" \
  -d '{"action": "start"}'

aws lambda invoke \
  --function-name ec2-control \
  --payload '{"action": "status"}' \
  --endpoint-url=$AWS_ENDPOINT \
  response.json

cat response.json
