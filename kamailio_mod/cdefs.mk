# Prints the definitions that the installed Kamailio was compiled with: a module must share them, or it is refused.
COREPATH := $(KSRC)
include $(KSRC)/Makefile.defs
print:
	@printf '%s\n' '$(subst ','\'',$(C_DEFS)) -DKSR_PTHREAD_MUTEX_SHARED'
