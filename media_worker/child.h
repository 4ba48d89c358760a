/*
 * child.h - a program of the system's that does work for us: as a child with limits (CPU, memory,
 * file size, time), without our files and environment. For threads: it waits.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_CHILD_H
#define CX_CHILD_H

/* Runs a program to its end. argv ends with NULL; output: a file for what it prints, or NULL. 0;
 * -EBADMSG: it says no, or takes too long; -ENOEXEC: it is not installed; -errno. */
int cx_child_run(const char *const *argv, const char *output);

#endif
