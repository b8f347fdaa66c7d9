/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ThreadSanitizer sees what is built with it: Penstock and its tests, but not the
 * libraries below. Preloaded into a program that has it, this library tells it what
 * GLib and GStreamer do that orders threads (locks, reference counts), and what they
 * read and write in the place of our code. docs/testing.md says how it goes together. */
#pragma once

#include <gst/gst.h>

extern void __tsan_acquire (void *address) __attribute__ ((weak));
extern void __tsan_release (void *address) __attribute__ ((weak));
extern void __tsan_read_range_pc (void *address, unsigned long n, void *pc) __attribute__ ((weak));
extern void __tsan_write_range_pc (void *address, unsigned long n, void *pc) __attribute__ ((weak));

/* A function of a library that one of the same name stands in for. */
typedef struct
{
  const char *name;
  gpointer ours;
  gboolean within; /* also where the library itself calls it */
  gpointer next;   /* the library's, when it was looked for */
} PstTsanWrapper;

gpointer pst_tsan_next (PstTsanWrapper *wrapper);
gboolean pst_tsan_is_ours (gconstpointer code);

/* Before each function that stands in for another. All of them together are an array
 * that the linker makes. */
#define WRAPS(function, within)                                                     \
  static PstTsanWrapper wrapper_of_##function                                       \
      __attribute__ ((section ("pst_wrappers"), used, aligned (sizeof (gpointer)))) \
      = { #function, (gpointer) function, within, NULL }
#define WRAPPER(function) WRAPS (function, TRUE)

/* The function of the library. */
#define NEXT(function) ((__typeof__ (&function)) pst_tsan_next (&wrapper_of_##function))

static inline void
acquire (gconstpointer address)
{
  if (__tsan_acquire != NULL && address != NULL)
    __tsan_acquire ((gpointer) address);
}

static inline void
release (gconstpointer address)
{
  if (__tsan_release != NULL && address != NULL)
    __tsan_release ((gpointer) address);
}
