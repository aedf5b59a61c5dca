"""A day as browsers ask for it."""

from django import forms


class DayInput(forms.DateInput):
    input_type = "date"
