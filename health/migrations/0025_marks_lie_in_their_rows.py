from django.db import migrations


class Migration(migrations.Migration):
    """A mark of a thousand accounts fits on a page: no pieces beside it to be written, read and deleted with it."""

    dependencies = [("health", "0024_daily_totals_have_room")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE health_scoremark SET (toast_tuple_target = 8160)",
            "ALTER TABLE health_scoremark RESET (toast_tuple_target)",
        )
    ]
