"""Placeholders of the pages' own template tags."""
from django import template
register = template.Library()
