from django.db import migrations


class Migration(migrations.Migration):
    """A mark lives for a second or two: compressing its accounts takes longer than writing them."""

    dependencies = [("health", "0012_survey_history_and_told_answers")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE health_scoremark ALTER COLUMN accounts SET STORAGE EXTERNAL",
            "ALTER TABLE health_scoremark ALTER COLUMN accounts SET STORAGE EXTENDED",
        )
    ]
