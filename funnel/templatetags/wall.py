"""What lines.py says of a KPI, piece by piece, for a wall, which lays it out otherwise."""

from django import template

from funnel.templatetags.lines import answered_by, remarks, since_last_week, standing, step

register = template.Library()

for said in (answered_by, remarks, since_last_week, standing, step):
    register.simple_tag(said)
