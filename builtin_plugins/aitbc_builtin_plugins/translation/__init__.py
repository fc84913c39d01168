"""The built-in plugin ``translation-ai``: a small translator that is trained where it runs."""

from .plugin import TranslationAIPlugin

__all__ = ["TranslationAIPlugin"]
