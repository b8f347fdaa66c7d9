/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session-run.h"

static PstTransfer *
begin (End *from, End *to, const char *name, gsize n_bytes, char **path)
{
  *path = make_file (from->folder, name, n_bytes);
  to->accepts = TRUE;
  return g_object_ref (send_file (from, *path));
}

/* A file each way, both under way. */
void
run_begin (Run *run, gsize file_bytes)
{
  run->there = begin (&run->host, &run->guest, "there", file_bytes, &run->path_there);
  run->back = begin (&run->guest, &run->host, "back", file_bytes, &run->path_back);
  wait_for (pst_transfer_get_written_bytes (run->there) > 0
            && pst_transfer_get_written_bytes (run->back) > 0);
}

/* Whether it has arrived; fails the test if it ended otherwise. */
gboolean
run_is_done (PstTransfer *transfer)
{
  PstTransferState state = pst_transfer_get_state (transfer);

  if (pst_transfer_is_finished (transfer) && state != PST_TRANSFER_DONE)
    g_error ("ended as %s", pst_transfer_state_to_name (state));
  return state == PST_TRANSFER_DONE;
}

/* Waits until both have arrived as they were, and ends the sessions. */
void
run_finish (Run *run)
{
  wait_within (3 * END_TIMEOUT_S, run_is_done (run->there) && run_is_done (run->back));
  g_assert_true (is_same_file (run->path_there, run->guest.folder, "there"));
  g_assert_true (is_same_file (run->path_back, run->host.folder, "back"));
  g_object_unref (run->there);
  g_object_unref (run->back);
  g_free (run->path_there);
  g_free (run->path_back);
  end_clear (&run->guest);
  end_clear (&run->host);
}
