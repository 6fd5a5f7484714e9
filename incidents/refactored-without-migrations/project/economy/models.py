from django.conf import settings
from django.db import models


class Prize(models.Model):
    winner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    tournament_id = models.IntegerField()
    amount = models.DecimalField(max_digits=10, decimal_places=2)
