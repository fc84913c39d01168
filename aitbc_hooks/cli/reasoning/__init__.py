"""Why plugins run or do not, worked out from what is known without running any."""

from aitbc_hooks.cli.reasoning.answering import Answer, answer
from aitbc_hooks.cli.reasoning.judging import Judge
from aitbc_hooks.cli.reasoning.obstacles import Obstacle
from aitbc_hooks.cli.reasoning.proving import prove

__all__ = ["Answer", "Judge", "Obstacle", "answer", "prove"]
