"""Plain data that rules and reporters share: workloads, findings, and the wording of messages."""
