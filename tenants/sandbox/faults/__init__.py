"""Faults: answers that no well-behaved server gives, on request.

A fault says which requests it meets and what becomes of their answers. In JSON and in Python it
is one flat object: ``{"action": "truncate", "after": 100, "operation": "listApplications"}`` is
``Truncate(after=100, operation="listApplications")``.
"""

from tenants.sandbox.faults.deliveries import Delay, Drip, HugeBody, Truncate, WrongLength
from tenants.sandbox.faults.edits import Body, GzipBomb, HeaderEdit, WrongType
from tenants.sandbox.faults.fault import Fault, RequestFault
from tenants.sandbox.faults.reading import (
    ACTIONS,
    AnyFault,
    read_fault,
    read_fault_file,
    read_fault_text,
)
from tenants.sandbox.faults.replacements import Close, Garbage, Redirect, Reset, Silence, Status
from tenants.sandbox.faults.script import FaultScript
from tenants.sandbox.faults.tls import Tls

__all__ = [
    "ACTIONS",
    "AnyFault",
    "Body",
    "Close",
    "Delay",
    "Drip",
    "Fault",
    "FaultScript",
    "Garbage",
    "GzipBomb",
    "HeaderEdit",
    "HugeBody",
    "Redirect",
    "RequestFault",
    "Reset",
    "Silence",
    "Status",
    "Tls",
    "Truncate",
    "WrongLength",
    "WrongType",
    "read_fault",
    "read_fault_file",
    "read_fault_text",
]
