# Tests that are programs of ours beside the unit tests: the scenario runner (named by its room in SCENARIO_RUNNER).
.PHONY: checkers
checkers: $(SCENARIO_RUNNER)
