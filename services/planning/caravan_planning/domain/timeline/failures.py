"""What makes a timeline impossible, in words for a person."""


class SettingIsInvalid(ValueError):
    """The flow's configuration asks for something that can't be; one sentence that says what and what to do."""
