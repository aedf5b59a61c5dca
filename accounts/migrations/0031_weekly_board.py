from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0030_kept_and_fixed")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="weekly_board",
            field=models.CharField(blank=True, default="", max_length=12, verbose_name="weekly numbers by mail"),
        ),
    ]
