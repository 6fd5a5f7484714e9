from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("teams", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="teammembership",
            name="left_at",
            field=models.DateTimeField(null=True),
        ),
    ]
