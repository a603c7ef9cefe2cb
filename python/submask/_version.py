"""The version of this package, which is the library's: "0.2.0.dev0" here is "0.2.0-dev" there."""

__version__ = "0.2.0.dev0"
