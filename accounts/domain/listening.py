"""Which kinds of activity webhooks listen to: a piece of SQL for statements that write activities. It is read once in a
statement, and only where nothing in the code waits for the kind."""

LISTENED = "array(select unnest(w.events) from accounts_webhook w where w.active)"
