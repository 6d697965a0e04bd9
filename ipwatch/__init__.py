"""Watch marketplaces and trademark registers for suspected infringements of Japanese brands and content."""

__version__ = "0.1.0"
