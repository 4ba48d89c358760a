# Prints a variable of the Makefile: make -f Makefile -f tests/print.mk print-FUZZERS. SPDX-License-Identifier: GPL-2.0-or-later
print-%:
	@echo $($*)
