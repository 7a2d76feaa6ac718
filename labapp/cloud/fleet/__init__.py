"""The fleet: workers on EC2 in an Auto Scaling group, made and changed by one CloudFormation stack.

The stack holds no data: bucket and queues are `cloud up`'s, and stay when the fleet goes.
"""
