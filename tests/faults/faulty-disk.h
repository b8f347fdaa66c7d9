/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that misbehaves, below some folders (docs/testing.md, “Faults”).
 *
 * faulty-disk.c stands in for the library's system calls and asks faulty-rules.c
 * what becomes of each. faulty-cut.c knows what a power cut would leave. */
#pragma once

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

typedef enum
{
  FAULTY_READ,
  FAULTY_WRITE,
  FAULTY_SYNC,
  FAULTY_LOOK, /* a file is opened to be read */
  FAULTY_OPEN, /* … to be written, or is made */
  FAULTY_NAME, /* made, moved or removed */
  FAULTY_N_CALLS
} FaultyCall;

/* The library's own function, behind the one that stands in for it. */
#define REAL(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

/* faulty-rules.c */

/* What is to become of one call. */
typedef struct
{
  int error; /* an errno; 0: it goes on */
  int is_short;
} FaultyFate;

FaultyFate faulty_decide (FaultyCall call);
size_t faulty_take_room (size_t n_bytes, int *error);
int faulty_has_room_limit (unsigned long long *free_bytes);
void faulty_take_time (size_t n_bytes);

/* faulty-cut.c: all of it with faulty_lock() held */

int faulty_cut_is_on (void);
void faulty_cut_start (const char *const *folders);
void faulty_cut_before_call (void);
void faulty_cut_at_end (void);
void faulty_cut_made (int dir_fd, const char *name);
void faulty_cut_moved (int old_fd, const char *old, int fd, const char *name);
void faulty_cut_removing (int dir_fd, const char *name);
void faulty_cut_removed (void);
void faulty_cut_synced (int fd);
void faulty_cut_synced_all (void);
