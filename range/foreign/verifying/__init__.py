"""What verify.py is made of; standard library only."""
