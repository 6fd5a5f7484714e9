from django.db import models

from tournaments.models import Tournament


class Team(models.Model):
    name = models.CharField(max_length=80)
    tournament_id = models.IntegerField(null=True)

    @property
    def tournament(self):
        return Tournament.objects.get(pk=self.tournament_id)
