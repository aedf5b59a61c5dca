from django.db import migrations, models
from django.db.models import Q

SAID = Q(call_probability__isnull=False) | Q(intent_probability__isnull=False)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0037_deliveries_by_nobody")]

    operations = [
        migrations.AddIndex(
            model_name="renewal",
            index=models.Index(
                fields=["account"], name="renewal_opinions", condition=Q(decided_at__isnull=True) & SAID
            ),
        )
    ]
