"""Runs Rasa's trained graph node after node, without a scheduler."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

Step = tuple[str, Any, tuple[str, ...]]  # name, node, names of what it needs


class StraightRunner:
    """Takes the nodes of a loaded runner and calls them in order.

    Rasa hands each message to dask three times; planning a graph of six small nodes anew costs
    more than running them. The plan depends on the targets alone, so it is made once.
    """

    def __init__(self, loaded: Any) -> None:
        self._schema = loaded._graph_schema
        self._nodes = loaded._instantiated_nodes
        self._plan = lru_cache(maxsize=16)(self._make_plan)

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """Return the output of each target, like the runner this one replaces."""
        wanted = tuple(targets or self._schema.target_names)
        known = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, node, needs in self._plan(wanted):
            known[name] = node(*(known[need] for need in needs))
        return dict(known[name] for name in wanted)

    def _make_plan(self, targets: tuple[str, ...]) -> tuple[Step, ...]:
        """Return the nodes the targets need, each after what it needs itself."""
        nodes = self._schema.minimal_graph_schema(list(targets)).nodes
        plan: dict[str, Step] = {}

        def add(name: str) -> None:
            if name in plan or name not in nodes:
                return
            needs = tuple(nodes[name].needs.values())
            for need in needs:
                add(need)
            plan[name] = (name, self._nodes[name], needs)

        for target in targets:
            add(target)
        return tuple(plan.values())
