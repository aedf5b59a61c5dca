from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('health', '0022_titles_for_any_number'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(condition=models.Q(models.Q(('status', 'void'), _negated=True), ('amount__gt', 0)), fields=['account', 'issued_on'], include=('amount', 'currency'), name='invoice_orders'),
        ),
    ]
