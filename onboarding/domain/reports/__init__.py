"""What onboarding brings: activation, time to first value, where people get stuck, what finishing goes with."""
