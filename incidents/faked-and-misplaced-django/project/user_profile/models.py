from django.conf import settings
from django.db import models


class PrivacySettings(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
    show_email = models.BooleanField(default=False)
    is_private_account = models.BooleanField(default=False)


class Showcase(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    kind = models.CharField(max_length=10)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        unique_together = [("user", "position")]


class GameProfile(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    game = models.SlugField()

    class Meta:
        db_table = "user_profile_game_config"


class Gear(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    name = models.CharField(max_length=120)

    class Meta:
        db_table = "user_profile_hardware_gear"


class NotificationPreferences(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
    by_mail = models.BooleanField(default=True)

    class Meta:
        db_table = "user_profile_notification_preferences"


class WalletSettings(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
    currency = models.CharField(max_length=3, default="EUR")

    class Meta:
        db_table = "user_profile_wallet_settings"


class FollowRequest(models.Model):
    follower = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    followed = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="followers")
    status = models.CharField(max_length=10, default="pending")

    class Meta:
        db_table = "user_profile_follow_request"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "accepted", "declined"]), name="follow_request_status"
            )
        ]
