from django.db import migrations


class Migration(migrations.Migration):
    """Deliveries are found by their activity, their follow-up, or because they wait: nobody asks for a subscriber's."""

    dependencies = [("accounts", "0036_deliveries_forget_follow_ups")]

    operations = [migrations.RemoveIndex(model_name="delivery", name="delivery_by_subscriber")]
