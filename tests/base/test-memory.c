/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/resource.h>

#include "pst-memory.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED TRUE
#elif defined(__has_feature)
#define IS_SANITIZED (__has_feature (address_sanitizer) || __has_feature (thread_sanitizer))
#else
#define IS_SANITIZED FALSE
#endif

#define N_BLOCKS    16
#define BLOCK_BYTES (512 * 1024)
#define N_ROUNDS    50

static long
count_faults (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return usage.ru_minflt;
}

static void
come_and_go (void)
{
  guint8 *blocks[N_BLOCKS];

  for (guint i = 0; i < N_BLOCKS; i++)
    {
      blocks[i] = g_malloc (BLOCK_BYTES);
      memset (blocks[i], (int) i, BLOCK_BYTES);
    }
  for (guint i = 0; i < N_BLOCKS; i++)
    g_free (blocks[i]);
}

/* Given back each time, 8 MiB would be 2,000 faults a round. */
static void
test_blocks_stay (void)
{
  long before;

#ifndef __GLIBC__
  g_test_skip ("the C library is not GNU's");
  return;
#endif
  if (IS_SANITIZED)
    {
      g_test_skip ("a sanitizer has an allocator of its own");
      return;
    }

  pst_memory_keep ();
  come_and_go ();
  before = count_faults ();
  for (guint i = 0; i < N_ROUNDS; i++)
    come_and_go ();
  g_assert_cmpint (count_faults () - before, <, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory/blocks-stay", test_blocks_stay);
  return g_test_run ();
}
