"""What rules and reporters see: workloads, findings and the wording of messages. Plain data."""
