"""Shared by sources: JSON fields, texts, URLs, money, dates, archives, price bands, search plans.

Nothing of one site or register is here, and nothing that reads the network, a clock or a setting.
"""
