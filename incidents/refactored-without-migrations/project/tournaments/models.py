from django.db import models


class Season(models.Model):
    """What is left of the tournaments: they live in a service of their own."""

    name = models.CharField(max_length=40)
    tournament_id = models.IntegerField(null=True)
