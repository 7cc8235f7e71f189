"""Changes to customers' orgs: committed before they are sent, made once or left to a human."""
