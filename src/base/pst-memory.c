/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-memory.h"

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Larger than any block of a transfer (half a MiB), smaller than a long list. */
#define MAPPED_FROM_BYTES (4 * 1024 * 1024)

/* A window's worth of frames comes and goes many times a second. */
#define KEPT_BYTES (16 * 1024 * 1024)

/* Fewer and larger steps while it grows. */
#define STEP_BYTES (1024 * 1024)

/**
 * pst_memory_keep:
 *
 * Has the C library keep memory that was just freed, up to 16 MiB at the end of each of
 * its heaps. With its own habits every other block of a transfer goes back to the
 * kernel and comes from there anew, page by page. For main(), before there are other threads;
 * where the C library is not GNU's it does nothing.
 */
void
pst_memory_keep (void)
{
#ifdef __GLIBC__
  mallopt (M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
  mallopt (M_TRIM_THRESHOLD, KEPT_BYTES);
  mallopt (M_TOP_PAD, STEP_BYTES);
#endif
}
