from django.conf import settings
from django.db import models


class Team(models.Model):
    name = models.CharField(max_length=80)


class TeamMembership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    left_at = models.DateTimeField(null=True)
