/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session in a process of its own, to be stopped or killed: joins with a
 * code and accepts everything into a folder, until it is over. */
#include <signal.h>
#include <sys/prctl.h>

#include "session-end.h"

int
main (int argc, char **argv)
{
  End end;

  /* A test that fails while this one is stopped must not leave it behind,
   * holding the pipes its reader waits for. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  g_assert_cmpint (argc, ==, 2);
  end_init_default (&end);
  end.accepts = TRUE;
  pst_session_join (end.session, argv[1]);
  while (!end.closed)
    g_main_context_iteration (NULL, TRUE);
  end_clear (&end);
  return 0;
}
