from django.conf import settings
from django.db import models


class EmailChange(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    address = models.EmailField()


class AccountDeletionRequest(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
    requested_from = models.GenericIPAddressField(null=True)
    status = models.CharField(max_length=10, default="open")
    scheduled_for = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["status", "scheduled_for"], name="deletion_due")]
