"""What makes planning impossible, in words for a person."""


class ConfigurationIsInvalid(ValueError):
    """The flow's configuration asks for something that can't be; one sentence that says what and what to do."""


class PriceListIsInvalid(ValueError):
    """The price list in force can't be read; one sentence that says which entry and why."""
